// erf and erfc to about one unit in the last place, from @stdlib/math-base-special-erf 0.2.6 and -erfc 0.2.5
// (https://github.com/stdlib-js), which follow FreeBSD's s_erf.c; licence and notices: erf.LICENSE.
// Changed: one module, polynomials as lists, float32 for the part of x whose square is exact.
const PP = [1.28379167095512558561e-1, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163];
const QQ = [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368];
const PA = [-2.36211856075265944077e-3, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236, -0.002166375594868791];
const QA = [1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107];
const RA = [-9.86494403484714822705e-3, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104, -81.2874355063066, -9.814329344169145];
const SA = [1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944, 6.570249770319282, -0.0604244152148581];
const RB = [-9.86494292470009928597e-3, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772, -483.5191916086514];
const SB = [1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537, -22.44095244658582];
const ERX = 8.45062911510467529297e-1;
const at = (list, x) => list.reduceRight((sum, c) => sum * x + c);

const tail = (x) => { // erfc for x >= 1.25
  const s = 1 / (x * x);
  const ratio = x < 1 / 0.35 ? at(RA, s) / at(SA, s) : at(RB, s) / at(SB, s);
  const z = Math.fround(x);
  return x < 28 ? Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + ratio) / x : 0;
};
const near = (x) => at(PP, x * x) / at(QQ, x * x);
const middle = (x) => at(PA, x - 1) / at(QA, x - 1);

export const erf = (x) => {
  const a = Math.abs(x);
  if (!(a >= 0.84375)) return x + x * near(x);
  return Math.sign(x) * (a < 1.25 ? ERX + middle(a) : 1 - tail(a));
};
export const erfc = (x) => {
  const a = Math.abs(x);
  if (!(a >= 0.84375)) return x < 0.25 ? 1 - (x + x * near(x)) : 0.5 - (x * near(x) + (x - 0.5));
  if (a < 1.25) return x < 0 ? 1 + ERX + middle(a) : 1 - ERX - middle(a);
  return x < 0 ? 2 - tail(a) : tail(a);
};
