// What is asked of the server for each map, and what the map is called.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SHOWN_METHOD, camWish, methodName } from "../../vfrac_core/ui/viewer/static/cam_method.js";

test("the fused map is asked for on layer3's grid, every other one on layer4's", () => {
  assert.deepEqual(camWish({ target: "benign", method: "fused", shown: true }), { target: "benign", layer: "layer3", method: "fused" });
  for (const method of ["gradcam", "gradcam++", "layercam", "eigencam", "hirescam"]) {
    assert.deepEqual(camWish({ target: "malignant", method }), { target: "malignant", layer: "layer4", method });
  }
});

test("the map that is shown first says what it is made of, and an unknown one its own word", () => {
  assert.equal(methodName(SHOWN_METHOD), "LayerCAM × Grad-CAM");
  assert.equal(methodName("scorecam"), "scorecam");
});
