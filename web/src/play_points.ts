/** A picture of points of the plane. */
export function pointsPicture(points: [number, number][]): string {
  const reach = Math.max(1e-6, ...points.flat().map(Math.abs)) * 1.1;
  const dots = points.map(([x, y]) =>
    `<circle cx="${100 + (x / reach) * 100}" cy="${100 - (y / reach) * 100}" r="2"/>`);
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="200" ` +
    `height="200" fill="#4a7fe0">` +
    `<path d="M0 100H200M100 0V200" stroke="#888" stroke-opacity=".35"/>${dots.join("")}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(picture)}`;
}
