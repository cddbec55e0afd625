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
        "The body of L1 has lost more than half of its height in front, its plates are unbroken, and both neighbours are whole.",
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
        "The upper plate of L3 is broken with a gap and a step, the wall under its front corner is open, and a chip lies "
        "before it.",
        "A broken shell is a fracture, benign or malignant alike; here the bone behind the gaps is whole.",
        1,
    ),
    4: TeachingText(
        "Bone destruction",
        "In the back of L3 the trabeculae are gone and soft tissue stands in their place, inside a shell that is still whole.",
        "Bone that is missing, not displaced, is destruction: a metastasis, before the body has given way.",
        1,
    ),
    5: TeachingText(
        "Paravertebral soft-tissue mass",
        "Soft tissue with a convex border lies in front of T12 and beside it; the soft-tissue window shows it, the bone "
        "window hides it.",
        "A thick, convex mass against a vertebra is tumour, even where the bone beside it looks whole.",
        2,
    ),
    6: TeachingText(
        "Multiple segments",
        "The trabeculae of L2 are gone over a wide field, and another body has a dense focus of its own.",
        "Scroll the whole stack and look at every level: foci in several bodies are metastases, be they dark or dense.",
        1,
    ),
    7: TeachingText(
        "Mimic: osteoporosis with old wedges",
        "The bone is thin, and T12 to L2 are a little lower in front, with smooth plates, whole cortex and no line.",
        "Old, healed wedges below 20 % are none of the six signs, not even multiple segments: note them and look for a "
        "fresh fracture.",
        2,
        "old wedge",
    ),
    8: TeachingText(
        "Mimic: Schmorl nodes",
        "The upper plates of L2 and L3 dip into the body in one place, and each dip has a dense, closed rim.",
        "Disc that has pushed into a body is neither compression nor a broken cortex nor destruction: its own rim tells "
        "it apart.",
        2,
        "Schmorl node",
    ),
    9: TeachingText(
        "Mimic: haemangioma",
        "In L3 a round field is darker than its surroundings and crossed by coarse vertical struts: stripes here, dots in"
        " an axial slice.",
        "Few but thick trabeculae in fat are a haemangioma: nothing is destroyed, and none of the six signs is present.",
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
        "T12 is compressed, with a break in its shell and a dense line, and a thin rim of soft tissue lies around it.",
        "A diffuse rim under 10 mm is blood of a fresh benign fracture; a mass is thicker and convex.",
        3,
        "thin haematoma",
    ),
    12: TeachingText(
        "Mimic: gas in a collapsed body",
        "Under the upper plate of the compressed T12 lies a black, flat cleft, far darker than fat.",
        "It is gas in bone that has not healed, a finding of benign collapse and none of the six signs: write it into the"
        " comment.",
        2,
        "gas cleft",
    ),
    13: TeachingText(
        "Destruction with a soft-tissue mass",
        "Of L1 hardly a trabecula is left, its cortex is open in front and behind, and tumour stands out beyond both walls.",
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
        "In L2 the back of the body is gone, and beside the midline the ring of cortex of one pedicle is missing with it.",
        "Scroll away from the midline: osteoporosis leaves the pedicle alone, this metastasis did not.",
        2,
    ),
    16: TeachingText(
        "Benign fractures at several levels",
        "L1 is compressed, with dense lines and a broken cortex, and the next body is compressed as well; no bone is missing.",
        "Several fractures do not make a metastasis: without destruction and without a mass they are osteoporotic.",
        2,
    ),
    17: TeachingText(
        "Malignant collapse without a mass",
        "L3 has collapsed, its upper half and the plate over it are gone, and the soft tissue around it is normal.",
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
        "L2 is compressed and largely replaced by soft tissue, its cortex is open, and a mass stands before it.",
        "All signs point the same way: a network and a reader who miss this case need not look at the others.",
        1,
    ),
    20: TeachingText(
        "Fading towards the edge slices (the paper's Fig. 3)",
        "The lower back corner of L2 is gone on the middle slice, and 6 mm to either side the body is almost normal.",
        "At the edge of a focus a slab averages tumour and normal bone, so the highest slice speaks for the patient, not "
        "the mean.",
        2,
    ),
    21: TeachingText(
        "Clearly benign (the paper's Fig. 4)",
        "L2 is compressed, its upper plate is broken with a step, a line runs under it, and all of the bone is still there.",
        "Fracture without missing bone and without a mass: benign.",
        1,
    ),
    22: TeachingText(
        "Subtle and malignant (the paper's Fig. 5)",
        "L1 is a little lower with a small gap in its shell, and a faint field of its cancellous bone is darker, without "
        "pattern.",
        "Only the small field of missing bone tells this from an osteoporotic fracture: look for it wherever a line is absent.",
        3,
    ),
    23: TeachingText(
        "Sclerotic and malignant (the paper's Fig. 5)",
        "L2 is compressed and patchily dense, and the body above it has a dense field too.",
        "Blastic foci look like the impaction of a benign fracture; a second dense body, outside of the box, gives them away.",
        3,
    ),
    24: TeachingText(
        "An atypical line taken for destruction (the paper's Fig. 6)",
        "L3 is hardly compressed, its dark line runs in waves under the upper plate, and around it some bone has been resorbed.",
        "Resorption along a fracture looks like destruction, but it follows the line and ends with it: benign.",
        3,
    ),
}
