export function networkOf(address: string): string {
  return address;
}
