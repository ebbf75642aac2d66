package org.espalier.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.Value;
import org.espalier.job.InputException;

/** Shapes of inputs as they are typed: {@code x=1x3x48x320}. */
final class ShapeOption {
    private ShapeOption() {}

    /**
     * The shapes by input.
     *
     * @throws InputException if one is no shape of an input
     */
    static Map<String, long[]> sizes(List<String> typed, List<Value> inputs) {
        Map<String, long[]> sizes = new LinkedHashMap<>();
        for (String t : typed) {
            int at = t.lastIndexOf('=');
            String name = at < 0 ? "" : t.substring(0, at);
            String shape = t.substring(at + 1);
            Value input = inputs.stream()
                    .filter(v -> v.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new InputException("--shape '" + t + "' must name an input, expected one of "
                            + inputs.stream().map(v -> v.name() + "=...").toList()));
            if (!shape.matches("[1-9][0-9]{0,8}(x[1-9][0-9]{0,8})*")) {
                throw new InputException(
                        "--shape '" + t + "' must be sizes joined by x, expected such as " + name + "=1x3x48x320");
            }
            String[] parts = shape.split("x", -1);
            List<Dimension> declared = input.shape();
            int axes = declared == null ? parts.length : declared.size();
            if (parts.length != axes) {
                throw new InputException("--shape '" + t + "' must have a size for each axis, expected " + axes + " as "
                        + input + ", found " + parts.length);
            }
            long[] found = new long[parts.length];
            for (int i = 0; i < found.length; i++) {
                found[i] = Long.parseLong(parts[i]);
                if (i > 0
                        && declared != null
                        && declared.get(i).isKnown()
                        && declared.get(i).size() != found[i]) {
                    throw new InputException("--shape '" + t + "' must have the sizes that the network declares,"
                            + " expected " + input + ", found " + found[i] + " at axis " + i);
                }
            }
            sizes.put(name, found);
        }
        return sizes;
    }
}
