package org.espalier.bayes;

import java.util.Locale;

/** Guards that NaN fails, with messages that name the unit. */
final class DomainChecks {
    private DomainChecks() {}

    static void finiteParameters(double mu, double logSigma) {
        if (!(Double.isFinite(mu) && Double.isFinite(logSigma))) {
            throw new IllegalArgumentException("unit: " + parametersRule(mu, logSigma));
        }
    }

    static void finiteParameters(int unit, double mu, double logSigma) {
        if (!(Double.isFinite(mu) && Double.isFinite(logSigma))) {
            throw new IllegalArgumentException("unit " + unit + ": " + parametersRule(mu, logSigma));
        }
    }

    static void sampleShare(int unit, double u) {
        if (!(u > 0 && u < 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "unit %d: u must lie strictly between 0 and 1, found %s", unit, u));
        }
    }

    static void probability(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "unit: probability must lie in [0, 1], found %s", p));
        }
    }

    static void sameLength(String name, int expected, int found) {
        if (expected != found) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "array '%s': length must equal the number of units, expected %d, found %d",
                    name,
                    expected,
                    found));
        }
    }

    /** Returns {@code value} if it is finite. */
    static double finiteResult(String name, double value, double mu, double logSigma) {
        if (!Double.isFinite(value)) {
            throw new ArithmeticException("unit: " + resultRule(name, value, mu, logSigma));
        }
        return value;
    }

    /** Returns {@code value} if it is finite. */
    static double finiteResult(int unit, String name, double value, double mu, double logSigma) {
        if (!Double.isFinite(value)) {
            throw new ArithmeticException("unit " + unit + ": " + resultRule(name, value, mu, logSigma));
        }
        return value;
    }

    private static String parametersRule(double mu, double logSigma) {
        return String.format(Locale.ROOT, "mu and log sigma must be finite, found mu %s, log sigma %s", mu, logSigma);
    }

    private static String resultRule(String name, double value, double mu, double logSigma) {
        return String.format(
                Locale.ROOT, "%s must be finite, found %s at mu %s, log sigma %s", name, value, mu, logSigma);
    }
}
