// Whether another page stands around this one: then nothing secret is asked for here.

export const isFramed = (): boolean => window.parent !== window;
