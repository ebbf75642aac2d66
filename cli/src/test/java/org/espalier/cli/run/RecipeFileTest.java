package org.espalier.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.espalier.train.Recipe;
import org.espalier.train.Recipes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeFileTest {
    @TempDir
    private Path folder;

    private Recipe read(String text) throws IOException {
        return RecipeFile.read(Files.writeString(folder.resolve("r.yaml"), text), Recipes.of("vgg-like"));
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
