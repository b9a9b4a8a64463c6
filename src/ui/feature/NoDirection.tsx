// Stands where a logit lens or neighbours would, of a feature whose decoder row is all zeros.

export const NoDirection = () => (
  <p className="note" data-testid="no-direction">
    This feature has no direction: its row of W_dec is all zeros (pruned, or dead), so it writes
    nothing.
  </p>
);
