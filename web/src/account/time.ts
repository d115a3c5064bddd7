/** The API's times are seconds since 1970; the page's are ISO 8601. */
export const toSeconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

export const toIso = (seconds: number): string => new Date(seconds * 1000).toISOString();
