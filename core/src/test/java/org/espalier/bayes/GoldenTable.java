package org.espalier.bayes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A table of reference values: comma-separated, a header line, comments behind {@code #}. */
record GoldenTable(List<String> columns, List<double[]> rows) {

    /** Reads a table that is part of the test sources. */
    static GoldenTable resource(String name) {
        InputStream stream = Objects.requireNonNull(
                GoldenTable.class.getResourceAsStream("/golden/" + name), "missing test resource golden/" + name);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return parse(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a table from the folder "golden" beside the data sets; skips the test where it is missing. */
    static GoldenTable shared(String name) {
        Path file = sharedFile(name);
        assumeTrue(Files.isReadable(file), "reference file golden/" + name + " is not on this machine");
        try {
            return parse(Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    double value(double[] row, String column) {
        int index = columns.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException("no column '" + column + "' among " + columns);
        }
        return row[index];
    }

    private static Path sharedFile(String name) {
        String data = System.getenv("ESPALIER_DATA");
        if (data != null) {
            Path file = Path.of(data).toAbsolutePath().resolveSibling("golden").resolve(name);
            if (Files.isReadable(file)) {
                return file;
            }
        }
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null) {
            Path file = folder.resolve("../shared/golden").resolve(name).normalize();
            if (Files.isReadable(file)) {
                return file;
            }
            folder = folder.getParent();
        }
        return Path.of("../shared/golden").resolve(name);
    }

    private static GoldenTable parse(List<String> lines) {
        List<String> content = lines.stream()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .toList();
        List<double[]> rows = content.stream()
                .skip(1)
                .map(line -> Arrays.stream(line.split(",", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
        return new GoldenTable(List.of(content.get(0).split(",", -1)), rows);
    }
}
