package org.espalier.method;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * Numbers given by group name, or by a pattern in which {@code *} stands for anything. An entry with the very name counts before patterns,
 * among patterns the first that matches.
 */
public final class ByGroup {
    private ByGroup() {}

    /** The number for a group, or {@code otherwise} where no entry matches. */
    public static double of(Map<String, Double> numbers, String group, double otherwise) {
        Double exact = numbers.get(group);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, Double> e : numbers.entrySet()) {
            String regex = Pattern.quote(e.getKey()).replace("*", "\\E.*\\Q");
            if (group.matches(regex)) {
                return e.getValue();
            }
        }
        return otherwise;
    }
}
