package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/** What every command keeps to. */
final class RunAssert {
    private RunAssert() {}

    /** The error is one line on standard error, without a stack trace, and nothing else. */
    static void assertError(Run run, int code, String... parts) {
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("espalier").endsWith("\n").contains(parts);
        assertThat(run.err()).doesNotContain("\tat ", "(unexpected ", "Exception");
        assertThat(run.err().strip().lines()).hasSize(1);
    }

    /** As {@link #assertError}, where notes came before. */
    static void assertLastLine(Run run, int code, String... parts) {
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.out()).isEmpty();
        String last = run.err().strip().lines().reduce("", (a, b) -> b);
        assertThat(last).startsWith("espalier: ").contains(parts);
        assertThat(run.err()).doesNotContain("\tat ", "(unexpected ", "Exception");
    }

    /** The command did its work: also where a run that was to remove units says that it removed none, and fails for that. */
    static void assertFinished(Run run) {
        boolean nothing = run.err().contains("pruned.onnx is the original: no unit was removed");
        assertThat(run.code()).as(run.err()).isEqualTo(nothing ? 1 : 0);
    }

    /** The document of {@code --json}, all that standard output holds. */
    static JsonNode assertJson(Run run) {
        assertFinished(run);
        return run.json();
    }

    /** All that the report of train, prune, demo and shrink must hold, with values that can be. */
    static JsonNode assertReport(Run run) {
        JsonNode r = assertJson(run);
        assertThat((Iterable<String>) r::fieldNames)
                .contains(
                        "error_percent",
                        "original_error_percent",
                        "units_per_layer",
                        "original_units_per_layer",
                        "macs",
                        "original_macs",
                        "flops_ratio",
                        "params_ratio",
                        "cpu_speedup",
                        "max_abs_difference",
                        "wall_seconds",
                        "seed");
        for (String name : List.of("error_percent", "original_error_percent")) {
            assertThat(r.path(name).asDouble(-1)).as(name).isBetween(0.0, 100.0);
        }
        long macs = r.path("macs").asLong();
        long before = r.path("original_macs").asLong();
        assertThat(macs).isBetween(1L, before);
        assertThat(r.path("flops_ratio").asDouble()).isEqualTo((double) before / macs);
        assertThat(r.path("params_ratio").asDouble()).isGreaterThanOrEqualTo(1);
        assertThat(r.path("cpu_speedup").asDouble()).isPositive();
        assertThat(r.path("max_abs_difference").asDouble(-1)).isBetween(0.0, 1e-2);
        assertThat(r.path("wall_seconds").asDouble()).isPositive();
        assertUnits(r);
        return r;
    }

    private static void assertUnits(JsonNode r) {
        JsonNode units = r.path("units_per_layer");
        JsonNode before = r.path("original_units_per_layer");
        assertThat(units).hasSameSizeAs(before).isNotEmpty();
        Iterator<JsonNode> all = before.iterator();
        units.forEach(n -> assertThat(n.asInt()).isBetween(1, all.next().asInt()));
    }

    /** Nothing half-written lies in a folder or below. */
    static void assertNoTemporaryFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .noneMatch(name -> name.endsWith(".tmp") || name.endsWith(".part"));
        }
    }
}
