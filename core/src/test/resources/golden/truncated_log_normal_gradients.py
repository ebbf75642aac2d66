"""Writes truncated_log_normal_gradients.csv: python3 truncated_log_normal_gradients.py

Values and gradients of the normal distribution of log theta truncated to [-20, 0], for theta and for
its divergence from LogUniform[-20, 0]. Values come from the textbook closed forms in 160 digits,
gradients from central differences of those values (step 1e-50), so that no derivative formula of the
library is used to test itself.
"""
import random

import mpmath as mp

mp.mp.dps = 160
LOWER, UPPER = mp.mpf(-20), mp.mpf(0)
STEP = mp.mpf(10) ** -50


def phi(t):
    return mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)


def cdf(t):
    return mp.erfc(-t / mp.sqrt(2)) / 2


def mass(low, high):
    """Phi(high) - Phi(low), from the tail in which both are small."""
    if low > 0:
        return cdf(-low) - cdf(-high)
    return cdf(high) - cdf(low)


def bounds(mu, log_sigma):
    sigma = mp.exp(log_sigma)
    return sigma, (LOWER - mu) / sigma, (UPPER - mu) / sigma


def kl(mu, log_sigma):
    sigma, alpha, beta = bounds(mu, log_sigma)
    z = mass(alpha, beta)
    return (mp.log(UPPER - LOWER) - mp.log(2 * mp.pi * mp.e) / 2 - log_sigma - mp.log(z)
            - (alpha * phi(alpha) - beta * phi(beta)) / (2 * z))


def moment(mu, log_sigma, k):
    sigma, alpha, beta = bounds(mu, log_sigma)
    return mp.exp(k * mu + k * k * sigma * sigma / 2) * mass(alpha - k * sigma, beta - k * sigma) / mass(alpha, beta)


def theta(mu, log_sigma, u):
    """Solves Phi(t) = Phi(alpha) + u Z by Newton steps on log Phi, which rise towards the root from its left."""
    sigma, alpha, beta = bounds(mu, log_sigma)
    target = cdf(alpha) + u * mass(alpha, beta)
    log_target = mp.log(target)
    lam = max(-beta, mp.mpf(0))
    e = -mp.log(u) + 1
    t = max(alpha, -lam - 2 * e / (lam + mp.sqrt(lam * lam + 2 * e)))
    for _ in range(400):
        p = cdf(t)
        step = (log_target - mp.log(p)) * p / phi(t)
        t += step
        if abs(step) < mp.mpf(10) ** -120 * max(1, abs(t)) * min(1, 1 / max(1, abs(t)) ** 2):
            return mp.exp(mu + sigma * t)
    raise ArithmeticError(f"no quantile at {mu}, {log_sigma}, {u}")


def both_gradients(f, mu, log_sigma):
    return ((f(mu + STEP, log_sigma) - f(mu - STEP, log_sigma)) / (2 * STEP),
            (f(mu, log_sigma + STEP) - f(mu, log_sigma - STEP)) / (2 * STEP))


def points():
    rng = random.Random(20170527)
    mus = [-20.0, -19.5, -15.0, -10.0, -5.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 5.0]
    logs = [-20.0, -15.0, -10.0, -7.0, -5.0, -3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0]
    for mu in mus:
        for log_sigma in logs:
            for u in rng.sample([1e-9, 1e-3, 0.1, 0.5, 0.9, 0.999, 0.999999], 2):
                yield mu, log_sigma, u
    for sigma, mu in ((0.02, -0.5), (0.1, -5.0)):
        for u in (1e-6, 0.1, 0.5, 0.9, 0.999999):
            yield mu, float(mp.log(sigma)), u
    for _ in range(250):
        yield rng.uniform(-20, 5), rng.uniform(-20, 5), rng.random()
    for _ in range(150):
        yield rng.uniform(-0.5, 0.5), rng.uniform(-6, 1), rng.random()


def row(mu, log_sigma, u):
    m, s, q = mp.mpf(mu), mp.mpf(log_sigma), mp.mpf(u)
    first, second = moment(m, s, 1), moment(m, s, 2)
    values = [kl(m, s), *both_gradients(kl, m, s), first, first / mp.sqrt(second - first * first),
              theta(m, s, q), *both_gradients(lambda x, y: theta(x, y, q), m, s)]
    return ",".join([repr(mu), repr(log_sigma), repr(u)] + [mp.nstr(v, 18) for v in values])


def main():
    with open("truncated_log_normal_gradients.csv", "w") as out:
        out.write(f"# program: truncated_log_normal_gradients.py, mpmath {mp.__version__}, {mp.mp.dps} digits, 18 written\n")
        out.write("# gradients: central differences of the values, step 1e-50\n")
        out.write("# tolerance: relative 1e-10 for kl (or 1e-13 absolute), mean, theta; 1e-8 for snr; "
                  "gradients: see TruncatedLogNormalGoldenTest\n")
        out.write("mu,log_sigma,u,kl,dkl_dmu,dkl_dlog_sigma,mean,snr,theta,dtheta_dmu,dtheta_dlog_sigma\n")
        for point in points():
            out.write(row(*point) + "\n")


if __name__ == "__main__":
    main()
