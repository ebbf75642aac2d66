package org.espalier.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.espalier.job.InputException;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A value in a file means what the option of the same name means. */
class RecipeOptionsTest {
    private static final List<PruningMethods> SBPA = List.of(PruningMethods.SBPA);

    @TempDir
    private Path folder;

    private static RecipeOptions options(String... args) {
        return CommandLine.populateCommand(new RecipeOptions(), args);
    }

    private RecipeOptions file(String text, String... more) throws IOException {
        String config = "--config=" + Files.writeString(folder.resolve("c.yaml"), text);
        return options(Stream.concat(Stream.of(config), Arrays.stream(more)).toArray(String[]::new));
    }

    @Test
    void strength_fixesThePush_unlessTheFileNamesATolerance() throws IOException {
        Recipe user = Recipes.user(1000, true, 0);
        assertThat(user.noise().tolerance()).isPositive();
        Recipe asked = options("--strength=40").apply(user);
        assertThat(file("noise: {weights: {strength: 40}}").apply(user)).isEqualTo(asked);
        assertThat(asked.noise().tolerance()).isZero();
        assertThat(file("noise: {weights: {groups: {fc1: 3}}}")
                        .apply(user)
                        .noise()
                        .tolerance())
                .isZero();
        assertThat(file("noise: {weights: {strength: 40}, tolerance: 0.1}")
                        .apply(user)
                        .noise()
                        .tolerance())
                .isEqualTo(0.1);
        assertThat(file("batches: {seed: 4}").apply(user).noise().tolerance())
                .isEqualTo(user.noise().tolerance());
    }

    @Test
    void fewerEpochs_shortenWhatGrowsOverThem_unlessTheFileNamesThat() throws IOException {
        Recipe r = Recipes.of("lenet-fc");
        assertThat(file("pruning: {epochs: 10}").apply(r))
                .isEqualTo(options("--epochs=10").apply(r));
        assertThat(file("pruning: {epochs: 10}").apply(r).noise().epochsUntilFull())
                .isLessThan(4);
        assertThat(file("pruning: {epochs: 10}\nnoise: {epochsUntilFull: 7}")
                        .apply(r)
                        .noise()
                        .epochsUntilFull())
                .isEqualTo(7);
        Recipe vgg = Recipes.of("vgg-like")
                .withPretraining(p -> p.withWarmupEpochs(5).withConstantShare(0));
        assertThat(file("pretraining: {epochs: 3}").apply(vgg))
                .isEqualTo(options("--pretrain-epochs=3").apply(vgg));
        assertThat(file("batches: {seed: 4}").apply(r)).isEqualTo(r.withSeed(4));
    }

    /** As in a run.yaml, which names everything. */
    @Test
    void fewerEpochsThanTheFilesOwn_shortenWhatGrowsOverThem() throws IOException {
        Recipe r = Recipes.of("lenet-fc");
        String both = "pruning: {epochs: 200}\nnoise: {epochsUntilFull: 60}";
        assertThat(file(both).apply(r).noise().epochsUntilFull()).isEqualTo(60);
        for (int epochs : new int[] {9, r.pruning().epochs()}) {
            assertThat(file(both, "--epochs=" + epochs).apply(r).noise().epochsUntilFull())
                    .isEqualTo(Recipe.warmup(60, epochs))
                    .isLessThan(60);
        }
        assertThat(file("noise: {epochsUntilFull: 60}", "--epochs=9")
                        .apply(r)
                        .noise()
                        .epochsUntilFull())
                .isEqualTo(60);
    }

    @Test
    void batchSize_isTheOptions_elseTheFiles() throws IOException {
        assertThat(file("batches: {size: 32}").batchSize()).isEqualTo(32);
        assertThat(file("batches: {seed: 4}").batchSize()).isZero();
        assertThat(options("--batch-size=16").batchSize()).isEqualTo(16);
    }

    @Test
    void requireFor_whatWouldDoNothingOrTwoThings_isRefused() throws IOException {
        options("--strength=40").requireFor(SBPA);
        options("--lasso=2").requireFor(List.of(PruningMethods.SBPA, PruningMethods.SSL));
        assertThatThrownBy(() -> options("--strength=40").requireFor(List.of(PruningMethods.SBP, PruningMethods.SSL)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("--strength does nothing with --method sbp,ssl, expected one of sbpa");
        for (String option : List.of("--epochs=5", "--finetune-epochs=5", "--patience=2")) {
            RecipeOptions o = options(option);
            o.requireFor(SBPA);
            assertThatThrownBy(() -> o.requireFor(List.of(PruningMethods.ORIGINAL)))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(
                            option.substring(0, option.indexOf('=')) + " does nothing with --method original");
            options(option, "--pretrain-epochs=2").requireFor(List.of(PruningMethods.ORIGINAL));
        }
    }
}
