// A plane of voxels out of a volume that arrives in parts: axial or coronal, from the second volume or from the sagittal stack.

import { PLANES } from "./linked_geometry.js";

/**
 * HU of the plane across `way` at voxel `index`, row by row. A slice of the volume is handed out without a copy; elsewhere
 * voxels that have not arrived are black.
 * @param {import("./volume.js").Volume} volume
 * @param {import("./linked_geometry.js").Grid} grid
 * @param {import("./linked_geometry.js").Way} way
 * @returns {Int16Array|null}  null while nothing of it has arrived
 */
export function cutPlane(volume, grid, way, index) {
  const [sliceWay, rowWay] = grid.order;
  if (way === sliceWay) return volume.slice(index);
  if (!volume.loaded) return null;
  const strides = way === rowWay ? { fixed: volume.columns, free: 1 } : { fixed: 1, free: volume.columns };
  const free = way === rowWay ? volume.columns : volume.rows;
  const slicesGoDown = PLANES[way][0] === sliceWay;
  const plane = new Int16Array(volume.slices * free).fill(NOT_THERE);
  for (let slice = 0; slice < volume.slices; slice += 1) {
    const hu = volume.slice(slice);
    if (!hu) continue;
    for (let i = 0; i < free; i += 1) {
      plane[slicesGoDown ? slice * free + i : i * volume.slices + slice] = hu[index * strides.fixed + i * strides.free];
    }
  }
  return plane;
}

const NOT_THERE = -32_768;
