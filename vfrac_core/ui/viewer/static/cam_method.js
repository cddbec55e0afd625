// Which maps of the evidence there are, what they are called and what is asked of the server for each.

export const SHOWN_METHOD = "fused"; // shown first: decision 99 has what it was measured to do
const NAMES = {
  "fused": "LayerCAM × Grad-CAM", "gradcam": "Grad-CAM", "gradcam++": "Grad-CAM++", "layercam": "LayerCAM", "eigencam": "EigenCAM",
  "hirescam": "HiResCAM",
};

/** As the reader knows it; a method that is new here by its own word. */
export function methodName(method) {
  return NAMES[method] ?? method;
}

/** @returns {{target: string, layer: string, method: string}} of a question; the fused map has layer3's finer grid */
export function camWish({ target, method }) {
  return { target, layer: method === "fused" ? "layer3" : "layer4", method };
}
