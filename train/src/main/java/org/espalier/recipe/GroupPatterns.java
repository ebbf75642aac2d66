package org.espalier.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Numbers given by group name, or by a pattern in which {@code *} stands for anything. An entry with the very name
 * counts before patterns, among patterns the first that matches.
 */
public final class GroupPatterns {
    private GroupPatterns() {}

    /**
     * The number for a group, or {@code otherwise} where no entry matches.
     *
     * @param numbers by name or pattern
     * @param group its name
     * @param otherwise where no entry matches
     * @return the number
     */
    public static double of(Map<String, Double> numbers, String group, double otherwise) {
        Double exact = numbers.get(group);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, Double> e : numbers.entrySet()) {
            if (matches(e.getKey(), group)) {
                return e.getValue();
            }
        }
        return otherwise;
    }

    /**
     * Whether an entry's key, a name or a pattern, means a group.
     *
     * @param key a name or pattern
     * @param group its name
     * @return true if it does
     */
    public static boolean matches(String key, String group) {
        return group.matches(Pattern.quote(key).replace("*", "\\E.*\\Q"));
    }

    /**
     * The same numbers in the order of their meaning: names by alphabet, then patterns as they were given. Recipes
     * that mean the same are then written the same, whatever map they came in; those of {@link Map#of} change their
     * order from one process to the next.
     *
     * @param numbers by name or pattern
     * @return the same entries
     */
    public static Map<String, Double> ordered(Map<String, Double> numbers) {
        Map<String, Double> names = new TreeMap<>(numbers);
        names.keySet().removeIf(GroupPatterns::isPattern);
        Map<String, Double> patterns = new LinkedHashMap<>(numbers);
        patterns.keySet().removeIf(key -> !isPattern(key));
        Map<String, Double> out = new LinkedHashMap<>(names);
        out.putAll(patterns);
        return Collections.unmodifiableMap(out);
    }

    private static boolean isPattern(String key) {
        return key.contains("*");
    }
}
