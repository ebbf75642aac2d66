"""Writes prune_rules.csv and sparse_vd_kl.csv: python3 prune_rules.py

prune_rules.csv: log evidence ratios of Bayesian model reduction (Wright, Igel, Selvan 2024) on
[-20, 0]. sparse_vd_kl.csv: the approximate divergence of Molchanov, Ashukha, Vetrov (2017) and
its derivative by central differences (step 1e-40).
"""
import random

import mpmath as mp

mp.mp.dps = 160
LOWER, UPPER = mp.mpf(-20), mp.mpf(0)
SPIKE_VARIANCE = mp.mpf(10) ** -12
K1, K2, K3 = mp.mpf("0.63576"), mp.mpf("1.87320"), mp.mpf("1.48695")


def cdf(t):
    return mp.erfc(-t / mp.sqrt(2)) / 2


def mass(mean, variance, lower=LOWER, upper=UPPER):
    low, high = (lower - mean) / mp.sqrt(variance), (upper - mean) / mp.sqrt(variance)
    return cdf(-low) - cdf(-high) if low > 0 else cdf(high) - cdf(low)


def bmrs_n(mu, log_sigma):
    variance = mp.exp(2 * log_sigma)
    reduced = 1 / (1 / variance + 1 / SPIKE_VARIANCE)
    mean = reduced * (mu / variance + LOWER / SPIKE_VARIANCE)
    total = variance + SPIKE_VARIANCE
    ratio = mass(mean, reduced) * (UPPER - LOWER) / (mass(LOWER, SPIKE_VARIANCE) * mass(mu, variance))
    return mp.log(ratio) - mp.log(2 * mp.pi * total) / 2 - (mu - LOWER) ** 2 / (2 * total)


def bmrs_u(mu, log_sigma, p):
    low, high = -23 * mp.log(2), -p * mp.log(2)
    variance = mp.exp(2 * log_sigma)
    inside = mass(mu, variance, low, high) / mass(mu, variance)
    return mp.log(inside * (UPPER - LOWER) / (high - low))


def points():
    rng = random.Random(20240601)
    for mu in (-20.0, -15.0, -10.0, -8.0, -5.0, -2.0, -0.5, 0.0, 1.0, 5.0):
        for log_sigma in (-20.0, -10.0, -5.0, -2.0, 0.0, 1.0, 2.0, 3.0, 5.0):
            yield mu, log_sigma
    for _ in range(100):
        yield rng.uniform(-20, 5), rng.uniform(-20, 5)
    for _ in range(100):
        yield rng.uniform(-20, 5), rng.uniform(-1, 3)


def sparse_vd(log_alpha):
    z = 1 / (1 + mp.exp(-(K2 + K3 * log_alpha)))
    return K1 - K1 * z + mp.log(1 + mp.exp(-log_alpha)) / 2


def header(out, columns):
    out.write(f"# program: prune_rules.py, mpmath {mp.__version__}, {mp.mp.dps} digits, 18 written\n")
    out.write(f"# tolerance: relative 1e-12 or absolute 1e-12\n{columns}\n")


def main():
    with open("prune_rules.csv", "w") as out:
        header(out, "mu,log_sigma,bmrs_n_exact,bmrs_n_published,bmrs_u8,bmrs_u4")
        for mu, log_sigma in points():
            m, s = mp.mpf(mu), mp.mpf(log_sigma)
            exact = bmrs_n(m, s)
            values = [exact, exact + mp.log(2 * mp.pi) / 2, bmrs_u(m, s, 8), bmrs_u(m, s, 4)]
            out.write(",".join([repr(mu), repr(log_sigma)] + [mp.nstr(v, 18) for v in values]) + "\n")
    with open("sparse_vd_kl.csv", "w") as out:
        header(out, "log_alpha,kl,dkl_dlog_alpha")
        for i in range(-80, 81):
            x, step = mp.mpf(i) / 4, mp.mpf(10) ** -40
            gradient = (sparse_vd(x + step) - sparse_vd(x - step)) / (2 * step)
            out.write(f"{i / 4!r},{mp.nstr(sparse_vd(x), 18)},{mp.nstr(gradient, 18)}\n")


if __name__ == "__main__":
    main()
