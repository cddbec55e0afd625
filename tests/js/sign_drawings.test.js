import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { DRAWINGS, HEIGHT, WIDTH } from "../../vfrac_core/ui/viewer/static/sign_drawings.js";

const shapesOf = (name, kind) => DRAWINGS[name].shapes.filter(([one]) => one === kind).map(([, path]) => path);

/** The x of every absolute point of a path. H has only an x, V none. */
function columns(path) {
  return [...path.matchAll(/([MLQCHVZ])([^MLQCHVZ]*)/g)].flatMap(([, letter, rest]) => {
    const numbers = (rest.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);
    if (letter === "V") return [];
    return letter === "H" ? numbers : numbers.filter((_, i) => i % 2 === 0);
  });
}

test("each of the six signs has a drawing with a title", () => {
  const signs = readFileSync(new URL("../../vfrac_core/signs.py", import.meta.url), "utf8");
  const names = [...signs.matchAll(/Sign\(\s*"(\w+)",\s*"\w",/g)].map(([, name]) => name);
  assert.deepEqual(Object.keys(DRAWINGS), names);
  for (const { title } of Object.values(DRAWINGS)) assert.match(title, /^From the side: /);
});

test("what a drawing is about lies inside its frame", () => {
  for (const [name, { shapes }] of Object.entries(DRAWINGS)) {
    for (const [kind, path] of shapes.filter(([one]) => one !== "neighbour")) {
      for (const x of columns(path)) assert.ok(x >= 0 && x <= WIDTH, `${name}: ${kind} at ${x}`);
    }
  }
  assert.deepEqual([WIDTH, HEIGHT], [88, 64]);
});

test("anterior is left: the mass lies in front of the body, the lost height, cortex and bone at the front", () => {
  const leftmost = (name, kind) => Math.min(...shapesOf(name, kind).flatMap(columns));
  const rightmost = (name, kind) => Math.max(...shapesOf(name, kind).flatMap(columns));
  assert.ok(leftmost("paravertebral_soft_tissue_mass", "mass") < leftmost("paravertebral_soft_tissue_mass", "bone"));
  assert.ok(rightmost("bone_cortex_interruption", "cortex") < WIDTH / 2);
  assert.ok(rightmost("bone_cortex_interruption", "normal") < WIDTH / 2);
  const [, plate] = /^M([\d.]+) ([\d.]+)Q/.exec(shapesOf("vertebral_compression", "bone")[0]);
  assert.ok(Number(plate) < WIDTH / 2, "the sunken end of the plate");
});
