package org.espalier.job;

import java.util.Locale;

/** Numbers for people; the same on every machine. */
public final class Format {
    private Format() {}

    /**
     * Writes an exact count with thousands set apart: {@code 2,293,000}.
     *
     * @param n the count
     * @return the text
     */
    public static String count(long n) {
        StringBuilder digits = new StringBuilder(Long.toString(n));
        for (int i = digits.length() - 3; i > (n < 0 ? 1 : 0); i -= 3) {
            digits.insert(i, ',');
        }
        return digits.toString();
    }

    /**
     * Writes a count that need not be whole, with at most one digit after the point.
     *
     * @param n the count
     * @return the text
     */
    public static String count(double n) {
        return n == Math.rint(n) ? count((long) n) : String.format(Locale.ROOT, "%,.1f", n);
    }

    /**
     * Writes how many times: {@code 5.41x}.
     *
     * @param r the ratio
     * @return the text
     */
    public static String ratio(double r) {
        return String.format(Locale.ROOT, r >= 100 ? "%.0fx" : "%.2fx", r);
    }

    /**
     * Writes a percentage: {@code 0.86 %}.
     *
     * @param p the percentage
     * @return the text
     */
    public static String percent(double p) {
        return String.format(Locale.ROOT, "%.2f %%", p);
    }

    /**
     * Writes milliseconds with three or four digits.
     *
     * @param ms the time in milliseconds
     * @return the number without its unit
     */
    public static String millis(double ms) {
        return String.format(Locale.ROOT, ms < 1 ? "%.4f" : ms < 100 ? "%.3f" : "%.1f", ms);
    }

    /**
     * Writes a constant as users type it: in lower case, with hyphens.
     *
     * @param value the constant
     * @return the text
     */
    public static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Formats as {@link String#format}, whatever the machine's language is.
     *
     * @param pattern the pattern
     * @param values what is put into it
     * @return the text
     */
    public static String of(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
