// In which order the worklist stands. The server makes it, and notes which one a reader has let it be.

const AGAIN_MS = 2000;

export const USUAL = "usual";

/** Each order with what it does. None of them shows a probability or another reader's answer. */
export const ORDERS = Object.freeze([
  { id: USUAL, label: "Order: by case id", explains: "" },
  { id: "least_sure", label: "Order: network least sure", explains: "Unread cases first on which the network is least sure; cases without a box last. Noted with your readings." },
  { id: "disagree", label: "Order: readers disagree", explains: "Unread cases first on which other readers disagree most. Noted with your readings." },
]);

/** What stands under the choice. @param {{name: string, waiting: number, remark: string}|undefined} order  as the server gave it */
export function orderWords(order) {
  const { explains } = ORDERS.find(({ id }) => id === order?.name) ?? ORDERS[0];
  if (!explains) return "";
  const waiting = order.waiting ? ` The network still looks at ${order.waiting} of them.` : "";
  return `${explains}${order.remark ? ` ${order.remark}` : ""}${waiting}`;
}

/** Ask again as long as the network is not done. @param {{ask: () => void, isWanted: () => boolean, later?: typeof setTimeout}} host */
export function createOrderProgress({ ask, isWanted, later = setTimeout }) {
  let timer = null;
  return function follow(order) {
    if (timer !== null || !order?.waiting) return;
    timer = later(() => { timer = null; if (isWanted()) ask(); }, AGAIN_MS);
  };
}
