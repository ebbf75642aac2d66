package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproduceCommandTest {
    @TempDir
    private Path folder;

    private Run reproduce(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "reproduce",
                "mnist",
                "--data-dir=" + folder.resolve("mnist"),
                "--pretrain-epochs=1",
                "--finetune-epochs=1",
                "--bench-seconds=0.02",
                "--out=" + folder.resolve("runs")));
        args.addAll(List.of(more));
        return Run.of(args.toArray(String[]::new));
    }

    @Test
    void table_publishedBesideMeasured_goesOnWhereItWasStopped() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 400, 100);
        JsonNode first =
                RunAssert.assertJson(reproduce("--epochs=1", "--methods=sbp", "--networks=lenet-fc", "--json"));
        assertThat(first.path("rows").findValuesAsText("method"))
                .containsExactly("Original", "StructuredBP", "Original", "StructuredBP");
        assertThat(first.path("rows").findValuesAsText("source"))
                .containsExactly("published", "published", "measured", "measured, seed 1");
        Path done = folder.resolve("runs/lenet-fc-sbp-seed1/pruned.onnx");
        FileTime time = Files.getLastModifiedTime(done);
        // Half a run, as a kill leaves it.
        Path half = folder.resolve("runs/lenet5-sbp-seed1");
        Files.createDirectories(half);
        Files.writeString(half.resolve("run.yaml"), "network: lenet5\n");
        Files.writeString(half.resolve("metrics.jsonl"), "{\"epoch\":1}\n{\"ep");

        Run all = reproduce("--epochs=1", "--methods=sbp", "--json");
        JsonNode rows = RunAssert.assertJson(all).path("rows");
        assertThat(all.err()).contains("lenet-fc-sbp-seed1 is finished already");
        assertThat(Files.getLastModifiedTime(done)).isEqualTo(time);
        assertThat(rows).hasSize(8);
        for (int i = 0; i < 4; i++) {
            assertThat(rows.path(i)).isEqualTo(first.path("rows").path(i));
        }
        assertThat(Files.readAllLines(half.resolve("metrics.jsonl"))).hasSize(3);
        JsonNode row = rows.path(7);
        for (String key :
                List.of("error_percent", "cpu_speedup", "cpu_speedup_batch_100", "flops_ratio", "wall_seconds")) {
            assertThat(row.path(key).asDouble(-1)).as(key).isNotNegative();
        }
        assertThat(rows.path(4).path("units_per_layer").asText()).isEqualTo("20-50-800-500");

        String table = reproduce("--epochs=1", "--methods=sbp").out();
        assertThat(table).contains("StructuredBP", "3-18-284-283", "10.49x", "measured, seed 1");
        RunAssert.assertLastLine(
                reproduce("--epochs=2", "--methods=sbp"), 2, "holds a run with other hyper-parameters", "--out");
    }

    @Test
    void originalAlone_isOneMeasuredRow_andTheSeedCounts() throws IOException {
        TinyMnist.write(folder.resolve("mnist"), 100, 50);
        JsonNode rows = RunAssert.assertJson(
                        reproduce("--epochs=1", "--methods=original", "--networks=lenet-300-100", "--seed=4", "--json"))
                .path("rows");
        assertThat(rows.findValuesAsText("method")).containsExactly("Original");
        assertThat(folder.resolve("runs/lenet-300-100-original-seed4")).isDirectory();
    }

    @Test
    void unknownWords_suggestTheNearest() {
        RunAssert.assertError(Run.of("reproduce", "mnits"), 2, "'mnits'", "did you mean 'mnist'?");
        RunAssert.assertError(Run.of("reproduce", "mnist", "--methods=sbq"), 2, "'sbq'", "did you mean 'sbp'?");
    }
}
