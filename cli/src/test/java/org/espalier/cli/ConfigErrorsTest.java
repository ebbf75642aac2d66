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
                "learningrate: 1          | 'learningrate' is unknown, did you mean 'learningRate'?",
                "learningRate: quick      | 'learningRate' must be a number, found 'quick'",
                "pruneEpochs: 1.5         | 'pruneEpochs' must be a whole number",
                "pruneEpochs:             | 'pruneEpochs' must be a whole number",
                "precision: floaty        | 'precision' must be one of [",
                "klWeights: 3             | 'klWeights' must be a number per group name",
                "beta1: 2                 | recipe 'beta1': out of range, expected a number in [0, 1), found 2.0",
                "beta1: .nan              | line 1, column 8: a number must be finite, found '.nan'",
                "seed: 99999999999999999999 | 'seed' must be a whole number of 64 bits, found '99999999999999999999'",
                "pruneEpochs: 3000000000  | 'pruneEpochs' must be a whole number of 32 bits, found '3000000000'",
                "pruneEpochs: true        | 'pruneEpochs' must be a whole number of 32 bits, found 'true'",
                "klWeights: {fc1: }       | 'klWeights.fc1' must be a number, found nothing",
                "klWeights: {fc1: x}      | 'klWeights.fc1' must be a number, found 'x'",
                "klWeights:               | 'klWeights' must be a number per group name, found nothing",
                "decide: [snr]            | 'decide' must be a text, found a list",
                "recipe: 3                | 'recipe' is unknown",
                "{beta1: 0.5, beta1: 0.6} | 'beta1' is given twice",
                "[1, 2]                   | must hold one hyper-parameter per line",
                "just words               | must hold one hyper-parameter per line",
                "learningRate: [          | is not YAML",
                "# nothing               | must hold one hyper-parameter per line",
            })
    void wrongFile_saysWhereAndWhat(String content, String what) throws IOException {
        Path config = Files.writeString(folder.resolve("config.yaml"), content + "\n");
        RunAssert.assertError(train(config), 2, config + ": ", what);
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** Each option that sets a hyper-parameter is called by its own name. */
    @ParameterizedTest
    @CsvSource({
        "--epochs=-1", "--pretrain-epochs=-1", "--finetune-epochs=-1", "--batch-size=0", "--learning-rate=0",
        "--noise-learning-rate=0", "--strength=-1", "--tolerance=-1", "--kl-weights=fc1=-1", "--threshold=-1",
        "--patience=-1", "--hold-out=-1", "--augment=crop"
    })
    void wrongOption_isCalledByItsName(String option) {
        Run run = Run.of("train", "lenet-fc", "--data=digits", option, "--out=" + folder.resolve("run"));
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
