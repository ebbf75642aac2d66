package org.espalier.bayes;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares values with references, lists those beyond a tolerance, and keeps the greatest error per quantity for the tables in
 * docs/explain/mathematics.md. NaN fails.
 */
final class ErrorMeter {
    private final Map<String, Double> worst = new LinkedHashMap<>();
    private final Map<String, Double> worstAbsolute = new LinkedHashMap<>();
    private final Map<String, String> where = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();

    /** Accepts |found - expected| up to {@code relative} |expected| or {@code absolute}, whichever is greater. */
    void check(String name, String at, double expected, double found, double relative, double absolute) {
        double difference = Math.abs(found - expected);
        double allowed = Math.max(relative * Math.abs(expected), absolute);
        double error = difference <= absolute ? 0 : difference / Math.abs(expected);
        worstAbsolute.merge(name, difference, Math::max);
        if (error >= worst.getOrDefault(name, -1.0)) {
            worst.put(name, error);
            where.put(name, at);
        }
        if (!(difference <= allowed)) {
            failures.add(String.format(
                    Locale.ROOT,
                    "%s at %s: expected %s, found %s, difference %s above %s",
                    name,
                    at,
                    expected,
                    found,
                    difference,
                    allowed));
        }
    }

    /** What was beyond its tolerance. */
    List<String> failures() {
        return failures;
    }

    /** One line per quantity: the greatest relative error among those beyond the absolute tolerance. */
    String summary() {
        StringBuilder text = new StringBuilder();
        worst.forEach((name, error) -> text.append(String.format(
                Locale.ROOT,
                "%-22s relative %.1e at %s, absolute %.1e%n",
                name,
                error,
                where.get(name),
                worstAbsolute.get(name))));
        return text.toString();
    }
}
