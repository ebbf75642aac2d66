package org.espalier.rewrite;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was rewritten, for people: a line for each kind, which counts what it was done to. */
final class Notes {
    private static final int NAMED = 8;

    private final Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();

    /** Notes that something of a kind was done once more. */
    void add(String kind, String what) {
        counts.computeIfAbsent(kind, k -> new LinkedHashMap<>()).merge(what, 1, Integer::sum);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        counts.forEach((kind, all) -> {
            List<String> items = all.entrySet().stream()
                    .limit(NAMED)
                    .map(e -> e.getValue() == 1 ? e.getKey() : e.getValue() + " " + e.getKey())
                    .toList();
            String more = all.size() > NAMED ? " and " + (all.size() - NAMED) + " more" : "";
            lines.add(kind + ": " + String.join(", ", items) + more);
        });
        return lines;
    }
}
