package org.espalier.ops;

/** Arithmetic on sizes that a file may say anything about: what does not fit a long is an {@link ArithmeticException}. */
final class Sizes {
    private Sizes() {}

    static long sum(long a, long b, long c) {
        return Math.addExact(Math.addExact(a, b), c);
    }

    /** a / b rounded up, for a size {@code a} and a positive {@code b}. */
    static long ceilDiv(long a, long b) {
        return a / b + (a % b > 0 ? 1 : 0);
    }
}
