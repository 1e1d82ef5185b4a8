export function writeManPages(folder?: string): Promise<void>;
