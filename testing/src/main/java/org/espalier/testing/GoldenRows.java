package org.espalier.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Rows of numbers in {@code golden/}, made by {@code methods.py}. */
public final class GoldenRows {
    private GoldenRows() {}

    /** The rows of a file below its comment and header. */
    public static List<double[]> of(String name) {
        try (InputStream in = GoldenRows.class.getResourceAsStream("/golden/" + name)) {
            String text = new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .skip(2)
                    .map(line -> Arrays.stream(line.split(",", -1))
                            .mapToDouble(Double::parseDouble)
                            .toArray())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
