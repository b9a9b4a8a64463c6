// A power of ten as it is written: 10 with the exponent raised.

export function Pow10({ exponent }: { exponent: number }) {
  return (
    <>
      10<sup>{exponent.toString().replace("-", "−")}</sup>
    </>
  );
}
