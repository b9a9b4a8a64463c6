// Facet's mark: one lit face of a dark stone.

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M4 1h8l3 5-7 9-7-9z" className="mark-stone" />
      <path d="M5.5 6h5L8 15z" className="mark-face" />
    </svg>
  );
}
