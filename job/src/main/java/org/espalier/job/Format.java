package org.espalier.job;

import java.util.Locale;

/** Numbers for people; the same on every machine. */
public final class Format {
    private Format() {}

    /** An exact count with thousands set apart: {@code 2,293,000}. */
    public static String count(long n) {
        StringBuilder digits = new StringBuilder(Long.toString(n));
        for (int i = digits.length() - 3; i > (n < 0 ? 1 : 0); i -= 3) {
            digits.insert(i, ',');
        }
        return digits.toString();
    }

    /** A count that need not be whole. */
    public static String count(double n) {
        return n == Math.rint(n) ? count((long) n) : String.format(Locale.ROOT, "%,.1f", n);
    }

    /** {@code 5.41x}. */
    public static String ratio(double r) {
        return String.format(Locale.ROOT, r >= 100 ? "%.0fx" : "%.2fx", r);
    }

    /** {@code 0.86 %}. */
    public static String percent(double p) {
        return String.format(Locale.ROOT, "%.2f %%", p);
    }

    /** Milliseconds with three or four digits that mean something. */
    public static String millis(double ms) {
        return String.format(Locale.ROOT, ms < 1 ? "%.4f" : ms < 100 ? "%.3f" : "%.1f", ms);
    }

    /** An enum's name as it is written on the command line. */
    public static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Formats independently of the machine's language. */
    public static String of(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
