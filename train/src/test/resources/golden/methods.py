"""Writes sparse_vd.csv, local_reparametrization.csv and group_lasso.csv: python3 methods.py

sparse_vd.csv: the divergence of Molchanov, Ashukha, Vetrov (2017), equation 14, of one weight and its
derivatives with respect to the weight and log sigma^2, by central differences (step 1e-30).
local_reparametrization.csv: mean and variance of sum x_i w_i + c with independent w_i.
group_lasso.csv: sqrt(n) * norm of a group and its derivative with respect to the first weight.
"""
import random

import mpmath as mp

mp.mp.dps = 80
K1, K2, K3 = mp.mpf("0.63576"), mp.mpf("1.87320"), mp.mpf("1.48695")
STEP = mp.mpf(10) ** -30


def sigmoid(z):
    return 1 / (1 + mp.exp(-z))


def kl(w, log_sigma2):
    log_alpha = log_sigma2 - mp.log(w * w)
    return K1 - K1 * sigmoid(K2 + K3 * log_alpha) + mp.log(1 + mp.exp(-log_alpha)) / 2


def write(name, header, rows):
    with open(name, "w") as f:
        f.write("# program: methods.py, mpmath %s, 80 digits, 18 written\n%s\n" % (mp.__version__, header))
        for row in rows:
            f.write(",".join(mp.nstr(mp.mpf(v), 18, strip_zeros=False) for v in row) + "\n")


def sparse_vd():
    for w in ["1e-4", "-0.003", "0.05", "-0.7", "2.5"]:
        for log_sigma2 in ["-20", "-12.5", "-10", "-6", "-3", "-0.5", "2", "5"]:
            w_, s = mp.mpf(float(w)), mp.mpf(log_sigma2)
            by_w = (kl(w_ + STEP, s) - kl(w_ - STEP, s)) / (2 * STEP)
            by_s = (kl(w_, s + STEP) - kl(w_, s - STEP)) / (2 * STEP)
            yield w_, s, s - mp.log(w_ * w_), kl(w_, s), by_w, by_s


def dyadic(rng, bits):
    return mp.mpf(rng.randint(-(2**bits), 2**bits)) / 2**bits


def local_reparametrization():
    rng = random.Random(3)
    for _ in range(20):
        x = [dyadic(rng, 6) * 4 for _ in range(3)]
        w = [dyadic(rng, 6) for _ in range(3)]
        v = [abs(dyadic(rng, 6)) for _ in range(3)]
        c = dyadic(rng, 6)
        mean = sum(a * b for a, b in zip(x, w)) + c
        yield x + w + v + [c, mean, sum(a * a * b for a, b in zip(x, v))]


def group_lasso():
    rng = random.Random(4)
    for scale in ["1e-6", "1e-3", "1", "100"]:
        for _ in range(3):
            w = [dyadic(rng, 8) * mp.mpf(float(scale)) for _ in range(4)]
            norm = mp.sqrt(sum(v * v for v in w))
            yield w + [2 * norm, 2 * w[0] / norm]


write("sparse_vd.csv", "w,log_sigma2,log_alpha,kl,dkl_dw,dkl_dlog_sigma2", sparse_vd())
write(
    "local_reparametrization.csv",
    "x0,x1,x2,w0,w1,w2,v0,v1,v2,c,mean,variance",
    local_reparametrization(),
)
write("group_lasso.csv", "w0,w1,w2,w3,penalty,dpenalty_dw0", group_lasso())
