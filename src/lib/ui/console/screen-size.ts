/** `fit`: the picture is scaled to the window; `actual`: pixel for pixel; `guest`: the guest is asked for a picture of the window's size. */
export const SCREEN_SIZES = ['fit', 'actual', 'guest'] as const;
export type ScreenSize = (typeof SCREEN_SIZES)[number];
