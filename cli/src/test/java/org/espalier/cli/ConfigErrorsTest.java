package org.espalier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configuration files and folders that are wrong. */
class ConfigErrorsTest {
    @TempDir
    private Path folder;

    private Run train(Path config) {
        return Run.of("train", "lenet-fc", "--data=digits", "--config=" + config, "--out=" + folder.resolve("run"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "pruning: {learningrate: 1} | 'pruning.learningrate' is unknown, did you mean 'pruning.learningRate'?",
                "prunning: {epochs: 1}    | 'prunning' is unknown, did you mean 'pruning'?",
                "pruning: 4               | 'pruning' must hold settings by name, expected [epochs, ",
                "pruning:                 | 'pruning' must hold settings by name, expected [epochs, ",
                "pruning: {learningRate: quick} | 'pruning.learningRate' must be a number, found 'quick'",
                "pruning: {epochs: 1.5}   | 'pruning.epochs' must be a whole number of 32 bits, found '1.5'",
                "pruning: {epochs: }      | 'pruning.epochs' must be a whole number of 32 bits, found nothing",
                "pruning: {epochs: 3000000000} | 'pruning.epochs' must be a whole number of 32 bits, found '3000000000'",
                "pruning: {epochs: true}  | 'pruning.epochs' must be a whole number of 32 bits, found 'true'",
                "batches: {seed: 99999999999999999999} | 'batches.seed' must be a whole number of 64 bits, found '9999",
                "batches: {precision: floaty} | 'batches.precision' must be one of [",
                "noise: {weights: {groups: 3}} | 'noise.weights.groups' must be a number per group name",
                "noise: {weights: {groups: }} | 'noise.weights.groups' must be a number per group name, found nothing",
                "noise: {weights: {groups: {fc1: }}} | 'noise.weights.groups.fc1' must be a number, found nothing",
                "noise: {weights: {groups: {fc1: x}}} | 'noise.weights.groups.fc1' must be a number, found 'x'",
                "noise: {weights: {strength: -1}} | recipe 'noise.weights.strength': out of range, expected 0 or more",
                "pruning: {momentum: 2}   | recipe 'pruning.momentum': out of range, expected a number in [0, 1), found 2.0",
                "pruning: {frozenStatistics: 3} | 'pruning.frozenStatistics' must be true or false",
                "pruning: {averaging: 0.5} | recipe 'pruning.averaging': out of range, expected 0, as units leave",
                "pruning: {momentum: .nan} | a number must be finite, found '.nan'",
                "rule: {decide: [snr]}    | 'rule.decide' must be a text, found a list",
                "recipe: 3                | 'recipe' is unknown",
                "{rule: {}, rule: {}}     | 'rule' is given twice",
                "[1, 2]                   | must hold settings such as 'pruning: {epochs: 40}', found",
                "just words               | must hold settings such as",
                "learningRate: [          | is not YAML",
                "# nothing               | must hold settings such as",
            })
    void wrongFile_saysWhereAndWhat(String content, String what) throws IOException {
        Path config = Files.writeString(folder.resolve("config.yaml"), content + "\n");
        RunAssert.assertError(train(config), 2, config + ": ", what);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** Each option that sets a hyper-parameter is called by its own name. */
    @ParameterizedTest
    @CsvSource({
        "--epochs=-1",
        "--pretrain-epochs=-1",
        "--finetune-epochs=-1",
        "--batch-size=0",
        "--learning-rate=0",
        "--noise-learning-rate=0",
        "--strength=-1",
        "--lasso=-1",
        "--tolerance=-1",
        "--kl-weights=fc1=-1",
        "--threshold=-1",
        "--patience=-1",
        "--hold-out=-1",
        "--augment=crop"
    })
    void wrongOption_isCalledByItsName(String option) {
        String method = option.startsWith("--lasso") ? "--method=ssl" : "--method=sbpa";
        Run run = Run.of("train", "lenet-fc", "--data=digits", method, option, "--out=" + folder.resolve("run"));
        RunAssert.assertError(run, 2, "espalier: " + option.substring(0, option.indexOf('=')) + ": ");
        assertThat(run.err()).doesNotContain("recipe");
    }

    @Test
    void missingFile_isNamed() {
        RunAssert.assertError(train(folder.resolve("no.yaml")), 2, "no.yaml", "no such file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train lenet-fc --data=digits    | cuda  | no CUDA device can be used, expected a GPU",
                "reproduce mnist                 | cuda:3 | no CUDA device can be used, expected a GPU",
                "train lenet-fc --data=digits    | gpu   | unknown, expected cpu, cuda or cuda:NUMBER",
            })
    void deviceThatIsNotThere_isNamedBeforeAnythingIsWritten(String command, String device, String what) {
        assumeFalse(torch.cuda_is_available(), "there is a GPU");
        List<String> words = new ArrayList<>(List.of(command.split(" ")));
        words.add("--device=" + device);
        words.add("--out=" + folder.resolve("run"));
        RunAssert.assertError(Run.of(words.toArray(String[]::new)), 2, "--device: device '" + device + "'", what);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void outThatCannotBeAFolder_isNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        for (Path out : new Path[] {file, file.resolve("below")}) {
            Run run = Run.of("train", "lenet-fc", "--data=digits", "--out=" + out);
            RunAssert.assertError(run, 2, out.toString(), "--out");
        }
        assertThat(file).hasContent("x");
    }
}
