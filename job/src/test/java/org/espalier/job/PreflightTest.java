package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.espalier.graph.Graph;
import org.espalier.prepare.PreparedGraph;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreflightTest {
    @TempDir
    private Path folder;

    private static SourceModel network() {
        Graph graph = Zoo.build("lenet-300-100", 1);
        return new SourceModel("lenet-300-100", new PreparedGraph(graph, graph));
    }

    @Test
    void check_whereAllIsWell_leavesNothing() throws IOException {
        Path path = folder.resolve("run");
        try (RunFolder run = RunFolder.create(path)) {
            Preflight.check(network(), run);
            try (Stream<Path> files = Files.list(path)) {
                assertThat(files).containsExactlyInAnyOrder(path.resolve(".lock"), path.resolve("run-files.json"));
            }
        }
    }

    @Test
    void check_whereTheExportCannotBeWritten_fails() throws IOException {
        Path path = folder.resolve("run");
        try (RunFolder run = RunFolder.create(path)) {
            Files.delete(path.resolve(".lock"));
            Files.delete(path.resolve("run-files.json"));
            Files.delete(path);
            assertThatThrownBy(() -> Preflight.check(network(), run))
                    .isInstanceOf(JobException.class)
                    .hasMessageContaining("cannot be written")
                    .hasMessageContaining(path.toString());
        }
    }
}
