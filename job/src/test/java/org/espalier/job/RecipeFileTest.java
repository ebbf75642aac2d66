package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
import org.espalier.recipe.FrozenStatistics;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeFileTest {
    @TempDir
    private Path folder;

    private Recipe read(String text) throws IOException {
        return RecipeFile.read(Files.writeString(folder.resolve("r.yaml"), text), Recipes.of("vgg-like"));
    }

    @Test
    void decayThatGrows_andFrozenStatistics_areReadAndWritten() throws IOException {
        Recipe r = read("weightDecayStart: 1e-3\nfrozenStatistics: pruning\n");
        assertThat(r.weightDecayStart()).isEqualTo(1e-3);
        assertThat(r.frozenStatistics()).isEqualTo(FrozenStatistics.PRUNING);
        assertThat(RecipeFile.recipe(RecipeFile.values(r), "")).isEqualTo(r);
        Recipe plain = read("seed: 3\n");
        assertThat(plain.weightDecayStart()).isNull();
        assertThat(plain.frozenStatistics()).isEqualTo(FrozenStatistics.NEVER);
        assertThat(read("weightDecayStart:\n").weightDecayStart()).isNull();
    }

    /** The file that the documentation shows. */
    @Test
    void publishedRecipe_isOne_andNamesGroupsThatThereAre() throws IOException {
        Path docs = Path.of("").toAbsolutePath();
        while (!Files.exists(docs.resolve("docs/recipes.md"))) {
            docs = Objects.requireNonNull(docs.getParent(), "docs/recipes.md");
        }
        String text = Files.readString(docs.resolve("docs/recipes.md"));
        int begin = text.indexOf("```yaml\n") + 8;
        Recipe r = read(text.substring(begin, text.indexOf("```", begin)));
        assertThat(r.pruneEpochs()).isEqualTo(300);
        assertThat(r.pretrainEpochs()).isEqualTo(200);
        assertThat(r.weightDecay()).isEqualTo(1.0 / 50_000);
        assertThat(r.weightDecayStart()).isEqualTo(1e-3 / 50_000);
        assertThat(ChannelGroups.of(Zoo.build("vgg-like:0.1", 1)).groups())
                .extracting(ChannelGroup::name)
                .containsAll(r.pretrainDropout().keySet())
                .containsAll(r.klWeights().keySet());
    }

    @Test
    void augmentation_isForAllPhases_unlessTheFileSaysOtherwise() throws IOException {
        assertThat(read("augmentation: flip\n").pretrainAugmentation()).isEqualTo("flip");
        assertThat(read("augmentation: ''\n").pretrainAugmentation()).isEmpty();
        Recipe both = read("pretrainAugmentation: crop2\naugmentation: flip\n");
        assertThat(both.pretrainAugmentation()).isEqualTo("crop2");
        assertThat(both.augmentation()).isEqualTo("flip");
        Recipe before = read("pretrainAugmentation: crop2\n");
        assertThat(before.pretrainAugmentation()).isEqualTo("crop2");
        assertThat(before.augmentation()).isEqualTo(Recipes.of("vgg-like").augmentation());
    }
}
