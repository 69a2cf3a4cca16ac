// Compares origins. A prefix of an address is no origin: `https://ward.example.evil.example/` begins
// with `https://ward.example`, and `http://127.0.0.1:80001/` with `http://127.0.0.1:8000`.

/** Whether an address, a referrer for instance, is of this origin; never for what is no address. */
export function isOf(origin, address) {
  return URL.canParse(address) && new URL(address).origin === origin
}
