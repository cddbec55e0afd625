// One small drawing for each sign: a vertebral body from the side, as the pictures show it (anterior left, head up), with
// what the sign means drawn strong and what is normal drawn dashed. Our own lines, in the colour of the text around them.

const SVG = "http://www.w3.org/2000/svg";
export const [WIDTH, HEIGHT] = [88, 64];

/** How each kind of line looks; everything else is its path. */
const KINDS = {
  neighbour: { "fill-opacity": 0.07, "stroke-width": 1, "stroke-opacity": 0.55 },
  bone: { "fill-opacity": 0.16, "stroke-width": 1.8 },
  filling: { "fill-opacity": 0.16, stroke: "none" },
  outline: { fill: "none", "stroke-width": 1.8 },
  cortex: { fill: "none", "stroke-width": 3 },
  normal: { fill: "none", "stroke-width": 1.2, "stroke-dasharray": "2.5 2.2" },
  strut: { fill: "none", "stroke-width": 0.8, "stroke-opacity": 0.5 },
  mass: { "fill-opacity": 0.42, stroke: "none" },
  rim: { fill: "none", "stroke-width": 2.6 },
  dense: { "fill-opacity": 0.9, stroke: "none" },
  arrow: { fill: "none", "stroke-width": 1.6 },
};

/** A normal body: rounded rims, plates and walls slightly hollow, the front wall most. */
function body({ left, right, top, bottom }) {
  const [across, middle] = [(left + right) / 2, (top + bottom) / 2];
  return `M${left + 2} ${top}Q${across} ${top + 2.5} ${right - 2} ${top}Q${right} ${top} ${right} ${top + 2}`
    + `Q${right - 2} ${middle} ${right} ${bottom - 2}Q${right} ${bottom} ${right - 2} ${bottom}`
    + `Q${across} ${bottom - 2.5} ${left + 2} ${bottom}Q${left} ${bottom} ${left} ${bottom - 2}`
    + `Q${left + 4} ${middle} ${left} ${top + 2}Q${left} ${top} ${left + 2} ${top}Z`;
}

/** Pedicle and spinous process behind a body whose upper plate is at `top`; `size` 1 fits a body of 24 units. */
function arch({ right, top, size = 1 }) {
  const at = (x, y) => `${right + x * size} ${top + y * size}`;
  return `M${at(0, 3)}L${at(7, 3)}Q${at(11, 3)} ${at(13, 7)}L${at(27, 15)}Q${at(29, 19)} ${at(25, 20)}L${at(11, 15)}Q${at(9, 11)} ${at(6, 10)}L${at(-0.6, 10)}`;
}

const stack = { left: 16, right: 52 };
const [above, here, below] = [{ ...stack, top: -12, bottom: 13 }, { ...stack, top: 19, bottom: 45 }, { ...stack, top: 51, bottom: 76 }];
const neighbours = (shift = 0) => [above, below].flatMap((one) => {
  const moved = { ...one, left: one.left + shift, right: one.right + shift };
  return [["neighbour", arch(moved)], ["neighbour", body(moved)]];
});

/** @type {Object<string, {title: string, shapes: [string, string][]}>} */
export const DRAWINGS = Object.freeze({
  vertebral_compression: {
    title: "From the side: the front of the body has lost height; the dashed line is its normal outline",
    shapes: [
      ...neighbours(),
      ["neighbour", arch(here)],
      ["bone", "M16 31.5Q36 27 50 19Q52 19 52 21Q50 32 52 43Q52 45 50 45Q34 42.5 17 45Q15 45 15 43Q17 38 14.5 33.5Q14.5 31.8 16 31.5Z"],
      ["normal", "M49 19Q34 21.5 18 19Q16 19 16 21Q17.5 25 16.5 30"],
      ["arrow", "M8 18V29M5 25.5L8 29.5L11 25.5"],
    ],
  },
  bone_cortex_interruption: {
    title: "From the side: the front cortex is broken and stepped; the dashed line is its normal course",
    shapes: [
      ["neighbour", "M22 -4V2Q22 4 24 4Q44 1.5 64 4Q66 4 66 2V-4"],
      ["neighbour", "M22 68V62Q22 60 24 60Q44 62.5 64 60Q66 60 66 62V68"],
      ["neighbour", arch({ right: 66, top: 14, size: 1.05 })],
      ["filling", "M17.5 10Q42 12.5 64 10Q66 10 66 12Q64 32 66 52Q66 54 64 54Q44 51.5 24 54Q22 54 22 52Q25.5 42 25 33.5L29 31.5L23.5 30L17 31Q18.5 20 15.5 12Q15.5 10 17.5 10Z"],
      ["outline", "M17.5 10Q42 12.5 64 10Q66 10 66 12Q64 32 66 52Q66 54 64 54Q44 51.5 24 54"],
      ["cortex", "M17.5 10Q15.5 10 15.5 12Q18.5 20 17 29.5"],
      ["cortex", "M25.5 35Q25.5 43 22 52Q22 54 24 54"],
      ["normal", "M22.5 14Q25.5 22 25.5 31"],
      ["arrow", "M18 31.5L24 30.5L30 33L36 29.5L43 32.5L48 30.5"],
      ["arrow", "M3 32H12.5M9 29L13 32L9 35"],
    ],
  },
  paravertebral_soft_tissue_mass: {
    title: "From the side: a mass of soft tissue with a convex border in front of the body",
    shapes: [
      ...neighbours(10),
      ["neighbour", arch({ right: 62, top: 19 })],
      ["bone", body({ left: 26, right: 62, top: 19, bottom: 45 })],
      ["mass", "M26 8C12 10 4 20 4 32C4 45 13 54 26 56Q28 51 26 45Q30 32 26 19Q28 13 26 8Z"],
      ["rim", "M26 8C12 10 4 20 4 32C4 45 13 54 26 56"],
    ],
  },
  transverse_fracture_line: {
    title: "From the side: a dense band across the body, below and along its upper plate",
    shapes: [
      ...neighbours(),
      ["neighbour", arch(here)],
      ["bone", "M18 20.5Q34 24.5 50 19Q52 19 52 21Q50 32 52 43Q52 45 50 45Q34 42.5 18 45Q16 45 16 43Q20 32 16 22.5Q16 20.5 18 20.5Z"],
      ["dense", "M18.6 28C22 27.4 24 29.4 28 28.6C32 28 34 30.2 38 29C42 27.6 46 29 50.6 27.2L50.4 31C46 33 43 31.6 39 32.8C35 34 32 32.4 28 33C24 33.4 22 31.6 18.9 32Z"],
    ],
  },
  multiple_segments: {
    title: "From the side: two of three bodies are fractured; the one between them is intact",
    shapes: [
      ["neighbour", arch({ right: 50, top: 2, size: 0.72 })],
      ["neighbour", arch({ right: 50, top: 24, size: 0.72 })],
      ["neighbour", arch({ right: 50, top: 46, size: 0.72 })],
      ["normal", "M47.5 3Q36 4.5 24.5 3Q23 3 23 4.5V9.5"],
      ["bone", "M23.5 11Q38 9 48.5 3Q50 3 50 4.5Q49 11 50 17.5Q50 19 48.5 19Q36 17.5 23.5 19Q22 19 22 17.5V12.5Q22 11.2 23.5 11Z"],
      ["neighbour", body({ left: 23, right: 50, top: 24, bottom: 40 })],
      ["normal", "M47.5 45Q36 46.5 24.5 45Q23 45 23 46.5V51.5"],
      ["bone", "M23.5 53Q38 51 48.5 45Q50 45 50 46.5Q49 53 50 59.5Q50 61 48.5 61Q36 59.5 23.5 61Q22 61 22 59.5V54.5Q22 53.2 23.5 53Z"],
      ["arrow", "M5 13H16M12.5 10L16.5 13L12.5 16M5 55H16M12.5 52L16.5 55L12.5 58"],
    ],
  },
  bone_destruction: {
    title: "From the side: a hole in the body where bone and cortex are gone; the dashed line is the lost cortex",
    shapes: [
      ["neighbour", "M22 -4V2Q22 4 24 4Q44 1.5 64 4Q66 4 66 2V-4"],
      ["neighbour", "M22 68V62Q22 60 24 60Q44 62.5 64 60Q66 60 66 62V68"],
      ["neighbour", arch({ right: 66, top: 14, size: 1.05 })],
      ["filling", "M24.4 24Q24 18 22 12Q22 10 24 10Q44 12.5 64 10Q66 10 66 12Q64 32 66 52Q66 54 64 54Q56 52.8 48 53C46 47 50 44 45 41C47 35 41 33 38 34C37 27 31 27 29 29C28 24 25 23 24.4 24Z"],
      ["outline", "M24.4 24Q24 18 22 12Q22 10 24 10Q44 12.5 64 10Q66 10 66 12Q64 32 66 52Q66 54 64 54Q56 52.8 48 53"],
      ["outline", "M24.4 24C25 23 28 24 29 29C31 27 37 27 38 34C41 33 47 35 45 41C50 44 46 47 48 53"],
      ["normal", "M24.8 27Q26 40 22 52Q22 54 24 54Q35 52.8 46 53"],
      ["strut", "M30 14V22M35 14V25M40 14V29M45 14V30M50 14V37M55 14V51M60 14V51M50 42V50M28 19H38M42 18H58M36 23H44M47 24H61M44 30H54M50 35H62M52 42H60M51 47H62"],
    ],
  },
});

/** @param {string} name  a sign's name */
export function signDrawing(name) {
  const { title, shapes } = DRAWINGS[name];
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", class: "vfrac-drawing" });
  const words = svg("title", {});
  words.textContent = title;
  drawing.append(words, ...shapes.map(([kind, d]) => svg("path", { d, fill: "currentColor", stroke: "currentColor", ...LINES, ...KINDS[kind] })));
  return drawing;
}

const LINES = { "stroke-linejoin": "round", "stroke-linecap": "round" };

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
