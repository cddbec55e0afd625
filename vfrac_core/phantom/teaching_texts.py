"""Title and explanation of each teaching case: what is seen, and what it means. Ours, about pictures whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class TeachingText:
    """``seen`` and ``means``: a sentence each. ``difficulty``: 1 easy to 3 hard. ``finding``: what the arrow at none of the six
    signs points at."""

    title: str
    seen: str
    means: str
    difficulty: Literal[1, 2, 3]
    finding: str = ""


TEXTS: Final[Mapping[int, TeachingText]] = {
    1: TeachingText(
        "Vertebral compression",
        "The body of L1 has lost half of its height in front, its upper plate is sunken but unbroken, and both neighbours"
        " are whole.",
        "More than 20 % less than the adjacent normal bodies counts as compression; alone it says nothing about the cause.",
        1,
    ),
    2: TeachingText(
        "Transverse fracture line",
        "A dense band runs through the cancellous bone of L2, roughly parallel to its upper plate, and the body has kept "
        "its height.",
        "Trabeculae pressed into one another make such a band: a fracture without loss of height, and it speaks for a "
        "benign one.",
        1,
    ),
    3: TeachingText(
        "Bone cortex interruption",
        "The cortical line of L3 is broken in the same place on several neighbouring slices, and the bone behind the gap "
        "is whole.",
        "A broken shell is a fracture, benign or malignant alike; look at what lies behind it before you decide.",
        1,
    ),
    4: TeachingText(
        "Bone destruction",
        "In L3 the trabeculae have gone and soft tissue stands in their place, inside a shell that is still whole.",
        "Bone that is missing, not displaced, is destruction: here a metastasis, before the body has given way.",
        1,
    ),
    5: TeachingText(
        "Paravertebral soft-tissue mass",
        "Soft tissue with a convex border lies against the body of T12; the soft-tissue window shows it, the bone window "
        "hides it.",
        "A focal mass beside a vertebra is tumour in this collection, even though the bone next to it looks whole.",
        2,
    ),
    6: TeachingText(
        "Multiple segments",
        "L2 has a focus of destruction, and so have further vertebrae above or below it.",
        "Scroll the whole stack and look at every level: foci in several bodies are metastases, and the worst one alone "
        "tells half of it.",
        1,
    ),
    7: TeachingText(
        "Mimic: osteoporosis with old wedges",
        "The bone is thin and T12 to L2 are a little lower in front, with smooth plates, whole cortex and no line.",
        "Old, healed wedges below 20 % are none of the six signs, not even of multiple segments: note them, and look for "
        "a fresh one.",
        2,
        "old wedge",
    ),
    8: TeachingText(
        "Mimic: Schmorl nodes",
        "The upper plates of L2 and L3 dip into the body in one place, and the dip has a dense, closed rim of its own.",
        "Disc that has pushed into a body is neither compression nor a broken cortex nor destruction: the rim proves that"
        " it is old.",
        2,
        "Schmorl node",
    ),
    9: TeachingText(
        "Mimic: haemangioma",
        "In L3 a round field is darker than its surroundings and crossed by coarse vertical struts, stripes here and dots"
        " in an axial slice.",
        "Few but thick trabeculae in fat are a haemangioma: nothing is destroyed, and no sign is present.",
        2,
        "haemangioma",
    ),
    10: TeachingText(
        "Mimic: bone island",
        "A small, very dense focus with a spiky border lies in the cancellous bone of L4.",
        "It is compact bone in the wrong place; a blastic metastasis is larger, less dense and blurred at its border.",
        2,
        "bone island",
    ),
    11: TeachingText(
        "Mimic: acute fracture with a thin haematoma",
        "T12 is compressed with a broken plate and a line, and a thin, even rim of soft tissue lies around it.",
        "A diffuse rim under 10 mm is blood of a fresh benign fracture; a mass is thicker, convex and on one side.",
        3,
        "thin haematoma",
    ),
    12: TeachingText(
        "Mimic: gas in a collapsed body",
        "Under the sunken plate of T12 lies a black, flat cleft, far darker than fat.",
        "It is gas in bone that has not healed, a finding of benign collapse and none of the six signs: write it into the"
        " comment.",
        2,
        "gas cleft",
    ),
    13: TeachingText(
        "Destruction with a soft-tissue mass",
        "L1 has collapsed, its trabeculae and part of its cortex are gone, and tumour stands out beyond the wall.",
        "Destruction and mass together decide: a metastasis with a pathological fracture.",
        1,
    ),
    14: TeachingText(
        "Blastic destruction",
        "A patchy, dense field with a blurred border has replaced the normal pattern of L3.",
        "New bone laid down by a tumour is destruction too, although nothing is dark: compare the pattern with the neighbours.",
        2,
    ),
    15: TeachingText(
        "A destroyed pedicle",
        "In L2 the back of the body and one pedicle are gone; beside the midline the ring of cortex is missing on that side.",
        "Scroll away from the midline: osteoporosis leaves the pedicle alone, a metastasis does not.",
        2,
    ),
    16: TeachingText(
        "Benign fractures at several levels",
        "L1 is compressed with a line and a broken cortex, and further bodies are compressed as well; no bone is missing.",
        "Several fractures do not make a metastasis: without destruction and mass, osteoporosis explains all of it.",
        2,
    ),
    17: TeachingText(
        "Malignant collapse without a mass",
        "L3 has collapsed; within it trabeculae and cortex are gone, and the soft tissue around it is normal.",
        "A mass is not needed: missing bone in a collapsed body is enough for a malignant fracture.",
        2,
    ),
    18: TeachingText(
        "Benign fracture with a retropulsed fragment",
        "The upper corner of the posterior wall of L1 is pushed into the canal, angular, with its cortex whole.",
        "Pieces that are displaced but all there speak for a benign fracture; a tumour bulges the wall in an even, convex curve.",
        3,
        "retropulsed fragment",
    ),
    19: TeachingText(
        "Clearly malignant (the paper's Fig. 2)",
        "L2 is compressed and largely replaced by soft tissue, its cortex is open and a mass stands before it.",
        "All signs point the same way: this is the case that a network should never miss.",
        1,
    ),
    20: TeachingText(
        "Fading towards the edge slices (the paper's Fig. 3)",
        "The focus in L2 is large on the middle slice and almost gone 6 mm to either side.",
        "At the edge of a focus a slab averages tumour and normal bone; so the highest slice speaks for the patient, not "
        "the mean.",
        2,
    ),
    21: TeachingText(
        "Clearly benign (the paper's Fig. 4)",
        "L2 is compressed with a broken plate and a line under it, and every trabecula that is displaced is still there.",
        "Fracture without missing bone and without a mass: benign.",
        1,
    ),
    22: TeachingText(
        "Subtle and malignant (the paper's Fig. 5)",
        "L1 is a little lower with a small gap in its shell, and a faint field of its cancellous bone is darker, without "
        "pattern.",
        "Only the small field of missing bone tells this from an osteoporotic fracture: look for it whenever a line is absent.",
        3,
    ),
    23: TeachingText(
        "Sclerotic and malignant (the paper's Fig. 5)",
        "L2 is compressed and patchily dense, and another body shows the same density.",
        "Blastic foci look like the impaction of a benign fracture; a second dense level outside the box gives them away.",
        3,
    ),
    24: TeachingText(
        "An atypical line taken for destruction (the paper's Fig. 6)",
        "L3 is hardly compressed, its line runs in waves, and around it bone has been resorbed.",
        "Resorption along a fracture looks like destruction; it follows the line, and the body around it is whole: benign.",
        3,
    ),
}
