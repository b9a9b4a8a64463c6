// Choices with the present one among them: a link may name one that no catalogue has.

export const withPresent = <T extends string>(keys: readonly T[], present: T): readonly T[] =>
  keys.includes(present) ? keys : [...keys, present];
