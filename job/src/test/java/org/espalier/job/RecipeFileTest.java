package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.espalier.channels.ChannelGroup;
import org.espalier.channels.ChannelGroups;
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
    void nestedSettings_areReadAndWritten() throws IOException {
        Recipe r = read(
                "pretraining: {weightDecayStart: 1e-3}\npruning:\n  frozenStatistics: true\n  dropout: {a.b: 0.5}\n");
        assertThat(r.pretraining().weightDecayStart()).isEqualTo(1e-3);
        assertThat(r.pruning().frozenStatistics()).isTrue();
        assertThat(r.pruning().dropout()).isEqualTo(Map.of("a.b", 0.5));
        assertThat(r.pruning().epochs())
                .isEqualTo(Recipes.of("vgg-like").pruning().epochs());
        assertThat(RecipeFile.values(r))
                .containsEntry("pretraining.weightDecayStart", 1e-3)
                .containsEntry("pruning.dropout", Map.of("a.b", 0.5));
        Recipe plain = read("batches: {seed: 3}\n");
        assertThat(plain).isEqualTo(Recipes.of("vgg-like").withSeed(3));
        assertThat(read("pretraining: {weightDecayStart: }\n").pretraining().weightDecayStart())
                .isNull();
    }

    /** What a run.yaml holds under recipe is the recipe again. */
    @Test
    void wholeRecipe_asJsonWritesIt_isReadBack() throws IOException {
        Recipe r = Recipes.of("lenet-fc").withPruning(p -> p.withEpochs(3)).withLasso(l -> l.withStrength(2));
        String json = new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(Map.of("recipe", r));
        assertThat(read(json)).isEqualTo(r);
    }

    /** The file that the documentation shows. */
    @Test
    void publishedRecipe_isOne_andNamesGroupsThatThereAre() throws IOException {
        Path docs = Path.of("").toAbsolutePath();
        while (!Files.exists(docs.resolve("docs/lab/published-vgg.md"))) {
            docs = Objects.requireNonNull(docs.getParent(), "docs/lab/published-vgg.md");
        }
        String text = Files.readString(docs.resolve("docs/lab/published-vgg.md"));
        int begin = text.indexOf("```yaml\n") + 8;
        Recipe r = read(text.substring(begin, text.indexOf("```", begin)));
        assertThat(r.pruning().epochs()).isEqualTo(300);
        assertThat(r.pretraining().epochs()).isEqualTo(200);
        assertThat(r.pretraining().weightDecay()).isEqualTo(1.0 / 50_000);
        assertThat(r.pretraining().weightDecayStart()).isEqualTo(1e-3 / 50_000);
        assertThat(ChannelGroups.of(Zoo.build("vgg-like:0.1", 1)).groups())
                .extracting(ChannelGroup::name)
                .containsAll(r.pretraining().dropout().keySet())
                .containsAll(r.noise().weights().groups().keySet());
    }
}
