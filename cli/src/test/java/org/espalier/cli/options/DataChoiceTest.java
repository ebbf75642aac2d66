package org.espalier.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.espalier.cli.TinyCifar;
import org.espalier.cli.console.Console;
import org.espalier.data.DataSet;
import org.espalier.data.ImageOptions;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.job.InputException;
import org.espalier.job.RunConfiguration;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipes;
import org.espalier.zoo.Zoo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What data sets with a name do with the options for pictures. */
class DataChoiceTest {
    private static final Graph NETWORK = Zoo.build("resnet20", 1);
    private static final Console CONSOLE = new Console(System.out, System.err, false);

    @TempDir
    static Path folder;

    @BeforeAll
    static void writePictures() throws IOException {
        TinyCifar.write(folder, 1, 1);
    }

    private static DataChoice choice(String name, String... options) {
        List<String> all = new ArrayList<>(List.of("--data=" + name, "--data-dir=" + folder));
        all.addAll(List.of(options));
        DataChoice choice = new DataChoice();
        new CommandLine(choice).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(all.toArray(String[]::new));
        return choice;
    }

    /** Opened for a network, and again as a run that began with this remembers it. */
    private static DataSet open(String... options) {
        DataChoice choice = choice("cifar10", options);
        DataSet first = choice.open(NETWORK, CONSOLE).train();
        DataSet again = DataChoice.open(run("cifar10", choice.images(NETWORK)), null, CONSOLE)
                .train();
        assertThat(again.example(0)).isEqualTo(first.example(0));
        return first;
    }

    private static RunConfiguration run(String name, @Nullable ImageOptions images) {
        return new RunConfiguration(
                "resnet20",
                name,
                folder.toString(),
                images,
                PruningMethods.SBPA,
                1,
                RunConfiguration.CPU,
                PruningTask.DEFAULT,
                Recipes.of("resnet20"));
    }

    @Test
    void cifar10_scalePicture_standardisesEachPicture() {
        DataSet data = open("--scale=picture");
        assertThat(data.input().normalization()).isEqualTo(Normalization.perImagePixels());
        for (int i = 0; i < data.size(); i++) {
            double sum = 0;
            for (float value : data.example(i)) {
                sum += value;
            }
            assertThat(sum).isEqualTo(0, within(1e-3));
        }
    }

    @Test
    void cifar10_otherScales_areWhatTheySay() {
        assertThat(open("--scale=unit").example(0)[0]).isEqualTo(1);
        assertThat(open("--mean=0", "--std=1").example(0)[0]).isEqualTo(1);
        assertThat(open("--scale=raw").example(0)[0]).isEqualTo(255);
        assertThat(open("--mean=0.5,0.5,0.5", "--std=0.25,0.25,0.25").example(0)[0])
                .isEqualTo(2);
        DataSet measured = open("--scale=data");
        assertThat(measured.input().normalization()).isEqualTo(measured.measureNormalization());
    }

    /** Runs have always remembered pixels from 0 to 1 where nothing was asked for. */
    @Test
    void cifar10_noScaleAskedFor_hasItsOwnNormalization() {
        float own = open().example(0)[0];
        assertThat(own).isEqualTo((float) ((1 - 0.4914) / 0.2470), within(1e-6f));
        for (ImageOptions old : new ImageOptions[] {ImageOptions.asTheyAre().withSize(32, 32), null}) {
            Splits splits = DataChoice.open(run("cifar10", old), null, CONSOLE);
            assertThat(splits.test().example(0)[0]).isEqualTo(own);
        }
    }

    @Test
    void digits_meanAndStd_areTakenOff() {
        DataSet data = choice("digits", "--mean=0.25", "--std=0.5")
                .open(Zoo.build("lenet5", 1), CONSOLE)
                .train();
        assertThat(data.example(0)[0]).isEqualTo(-0.5f);
    }

    @Test
    void whatDoesNotApply_isRefused() {
        assertThatThrownBy(() -> choice("cifar10", "--size=32").open(NETWORK, CONSOLE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("are for --data folder:PATH, found --data cifar10");
        assertThatThrownBy(() -> choice("arrays:x.npz", "--scale=picture").open(NETWORK, CONSOLE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("are for pictures, found --data arrays:");
        assertThatThrownBy(
                        () -> choice("cifar10", "--mean=0.5,0.5", "--std=1,1").open(NETWORK, CONSOLE))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("expected 3, found 2");
    }
}
