package org.espalier.method;

import java.util.Map;
import java.util.regex.Pattern;

/** Numbers given by group name, or by a pattern in which {@code *} stands for anything; the first entry that matches counts. */
public final class ByGroup {
    private ByGroup() {}

    /** The number for a group, or {@code otherwise} where no entry matches. */
    public static double of(Map<String, Double> numbers, String group, double otherwise) {
        for (Map.Entry<String, Double> e : numbers.entrySet()) {
            String regex = Pattern.quote(e.getKey()).replace("*", "\\E.*\\Q");
            if (group.matches(regex)) {
                return e.getValue();
            }
        }
        return otherwise;
    }
}
