package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.onnx.OnnxReader;
import org.espalier.shapes.Cost;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that end at a budget, and runs that are cut at one, through the command line. */
class BudgetTest {
    /** One unit of its first layer takes 0.2 % of the whole: fine enough for a target to be met within 2 %. */
    private static final String NETWORK = "lenet-fc";

    private static final Pattern NEAREST = Pattern.compile("expected (macs=[0-9.]+) or more");

    @TempDir
    private static Path shared;

    private static Path run = Path.of("");
    private static Run result = Run.of("--version");

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() {
        run = shared.resolve("run");
        result = train(run, "--target", "macs=0.4", "--target", "size=0.6");
    }

    private static Run train(Path out, String... more) {
        List<String> args = new ArrayList<>(
                List.of("train", NETWORK, "--data", "digits", "--out", out.toString(), "--json", "--threads", "1"));
        args.addAll(List.of("--pretrain-epochs", "2", "--epochs", "3", "--finetune-epochs", "1"));
        args.addAll(List.of("--patience", "1", "--bench-seconds", "0.05"));
        args.addAll(List.of(more));
        return Run.of(args.toArray(String[]::new));
    }

    private static double macs(Path file) {
        return Cost.macsPerExample(OnnxReader.read(file));
    }

    @Test
    void train_twoTargets_endsJustBelowTheOneThatBinds() throws Exception {
        assertThat(result.code()).as(result.err()).isZero();
        double macs = macs(run.resolve("pruned.onnx")) / macs(run.resolve("original.onnx"));
        double size = (double) Files.size(run.resolve("pruned.onnx")) / Files.size(run.resolve("original.onnx"));
        assertThat(macs).isLessThanOrEqualTo(0.4);
        assertThat(size).isLessThanOrEqualTo(0.6);
        assertThat(Math.max(macs / 0.4, size / 0.6)).isGreaterThan(0.98);
        JsonNode budget = result.json().get("budget");
        assertThat(budget).hasSize(2);
        assertThat(budget.get(0).get("cost").asText()).isEqualTo("macs");
        assertThat(budget.get(0).get("met").asBoolean()).isTrue();
        assertThat(budget.get(1).get("found").asDouble()).isEqualTo((double) Files.size(run.resolve("pruned.onnx")));
    }

    @Test
    void shrink_target_cutsTheRunJustBelowIt() {
        Path out = folder.resolve("small.onnx");
        Run r = Run.of(
                "shrink", run.toString(), "--target", "macs=0.2", "--out", out.toString(), "--bench-seconds", "0.05");
        assertThat(r.code()).as(r.err()).isZero();
        assertThat(macs(out) / macs(run.resolve("original.onnx"))).isBetween(0.196, 0.2);
        assertThat(r.out()).contains("macs=0.2");
    }

    @Test
    void train_impossibleTarget_isRefusedWithTheNearestThatIsPossible() {
        Run r = train(folder.resolve("none"), "--target", "macs=0.00001");
        assertThat(r.code()).isEqualTo(2);
        Matcher nearest = NEAREST.matcher(r.err());
        assertThat(nearest.find()).as(r.err()).isTrue();
        assertThat(folder.resolve("none")).doesNotExist();
        assertThat(Run.of("shrink", run.toString(), "--target", "macs=0.00001").code())
                .isEqualTo(2);
        Path out = folder.resolve("least.onnx");
        Run least = Run.of("shrink", run.toString(), "--target", nearest.group(1), "--out", out.toString());
        assertThat(least.code()).as(least.err()).isZero();
    }

    @Test
    void train_maxError_keepsItOrSaysThatItIsMissed() {
        Path out = folder.resolve("error");
        Run r = train(out, "--max-error", "2", "--hold-out", "1000");
        JsonNode bound = r.json().get("budget").get(0);
        assertThat(bound.get("cost").asText()).isEqualTo("error");
        boolean met = bound.get("found").asDouble() <= bound.get("most").asDouble();
        assertThat(bound.get("met").asBoolean()).isEqualTo(met);
        assertThat(r.code()).as(r.err()).isEqualTo(met ? 0 : 1);
        assertThat(r.err().contains("the budget is missed")).isEqualTo(!met);
        assertThat(macs(out.resolve("pruned.onnx"))).isLessThan(macs(out.resolve("original.onnx")));
    }

    @Test
    void options_thatContradictABudget_areRefused() {
        assertThat(train(folder.resolve("a"), "--target", "macs=0.5", "--tolerance", "0.1")
                        .err())
                .contains("--tolerance does nothing with --target");
        assertThat(Run.of("shrink", run.toString(), "--target", "macs=0.5", "--threshold", "2")
                        .err())
                .contains("--threshold does nothing with --target");
        assertThat(Run.of("shrink", run.toString(), "--cost", "params").err())
                .contains("--cost does nothing without --target or --max-error");
        assertThat(Run.of("shrink", run.toString(), "--max-error", "1").err()).contains("--max-error", "held out");
        assertThat(Run.of("shrink", run.toString(), "--target", "flops=1").err())
                .contains("--target", "'flops=1'");
    }
}
