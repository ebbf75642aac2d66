package org.espalier.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.espalier.train.LearningRateSchedule;
import org.espalier.train.Toy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {
    private static Arguments wrong(String name, Consumer<Toy.Settings> change) {
        return Arguments.of(name, change);
    }

    static Stream<Arguments> wrongValues() {
        return Stream.of(
                wrong("pretrainEpochs", s -> s.pretrainEpochs = -1),
                wrong("pruneEpochs", s -> s.pruneEpochs = -1),
                wrong("finetuneEpochs", s -> s.finetuneEpochs = -1),
                wrong("batchSize", s -> s.batchSize = 0),
                wrong("pretrainLearningRate", s -> s.pretrainLearningRate = -1),
                wrong("weightDecay", s -> s.weightDecay = -1),
                wrong("weightDecayStart", s -> s.weightDecayStart = -1.0),
                wrong("learningRate", s -> s.learningRate = 0),
                wrong("learningRate", s -> s.learningRate = Double.NaN),
                wrong("learningRate", s -> s.learningRate = Double.POSITIVE_INFINITY),
                wrong("noiseLearningRate", s -> s.noiseLearningRate = -1),
                wrong("beta1", s -> s.beta1 = 1),
                wrong("exponent", s -> s.exponent = Double.NaN),
                wrong("klWarmupEpochs", s -> s.klWarmupEpochs = Double.NaN),
                wrong("pretrainDropout", s -> s.pretrainDropout = Map.of("fc1", 1.0)),
                wrong("pruneDropout", s -> s.pruneDropout = Map.of("fc1", Double.NaN)),
                wrong("labelSmoothing", s -> s.labelSmoothing = 1),
                wrong("distillation", s -> s.distillation = 1.5),
                wrong("temperature", s -> s.temperature = 0),
                wrong("threshold", s -> s.threshold = -1),
                wrong("threshold", s -> s.threshold = Double.POSITIVE_INFINITY),
                wrong("patienceEpochs", s -> s.patienceEpochs = -1),
                wrong("holdOut", s -> s.holdOut = -1));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void recipe_outOfRange_namesTheSetting(String name, Consumer<Toy.Settings> change) {
        Toy.Settings settings = Toy.settings();
        change.accept(settings);
        assertThatThrownBy(settings::recipe)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe '" + name + "'")
                .hasMessageContaining("expected")
                .hasMessageContaining("found");
    }

    /** A checkpoint is recognised by its recipe's text, and maps such as Map.of have another order in every process. */
    @Test
    void recipe_ofTheSameMeaning_hasTheSameText() {
        Map<String, Double> oneWay = new LinkedHashMap<>();
        oneWay.put("fc1.in", 0.3);
        oneWay.put("fc*", 0.2);
        oneWay.put("fc1", 0.5);
        oneWay.put("*", 0.1);
        Map<String, Double> otherWay = new LinkedHashMap<>();
        otherWay.put("fc*", 0.2);
        otherWay.put("*", 0.1);
        otherWay.put("fc1", 0.5);
        otherWay.put("fc1.in", 0.3);
        Recipe a = Recipe.builder().pretrainDropout(oneWay).klWeights(oneWay).build();
        Recipe b =
                Recipe.builder().pretrainDropout(otherWay).klWeights(otherWay).build();
        assertThat(a).hasToString(b.toString()).isEqualTo(b);
        // Among patterns the first counts, so their order stays.
        assertThat(a.klWeights().keySet()).containsExactly("fc1", "fc1.in", "fc*", "*");
    }

    @Test
    void recipe_defaultsOfTests_areAccepted() {
        assertThatCode(() -> Toy.settings().recipe()).doesNotThrowAnyException();
    }

    @Test
    void schedule_constantThenLinearToZero() {
        LearningRateSchedule half = new LearningRateSchedule(2, 0.5, 10, 0);
        assertThat(half.at(0)).isEqualTo(2);
        assertThat(half.at(4)).isEqualTo(2);
        assertThat(half.at(5)).isEqualTo(2);
        assertThat(half.at(6)).isEqualTo(1.6);
        assertThat(half.at(10)).isZero();
        assertThat(new LearningRateSchedule(2, 1, 10, 0).at(9)).isEqualTo(2);
        assertThat(new LearningRateSchedule(2, 0, 10, 0).at(5)).isEqualTo(1);
    }

    @Test
    void schedule_warmUp_risesLinearlyFirst() {
        LearningRateSchedule oneCycle = new LearningRateSchedule(2, 0, 10, 4);
        assertThat(oneCycle.at(0)).isEqualTo(0.5);
        assertThat(oneCycle.at(3)).isEqualTo(2);
        // The fall begins where the rise ends: no jump.
        assertThat(oneCycle.at(4)).isEqualTo(2);
        assertThat(oneCycle.at(7)).isEqualTo(1);
        assertThat(oneCycle.at(10)).isZero();
        assertThat(new LearningRateSchedule(2, 0.5, 12, 2).at(6)).isEqualTo(2);
        assertThat(new LearningRateSchedule(2, 0.5, 12, 2).at(7)).isEqualTo(2);
        assertThat(new LearningRateSchedule(2, 0.5, 12, 2).at(8)).isEqualTo(1.6);
    }

    /** Averaged weights do not go with running statistics of the last ones, nor several draws with statistics of the batch. */
    @Test
    void recipe_ofAFile_suitsBatchNormalization() {
        Recipe file = Recipes.of("models/own.onnx");
        assertThat(file.averaging()).isZero();
        assertThat(file.noiseDraws()).isEqualTo(1);
        assertThat(Recipes.of("lenet5").averaging()).isPositive();
    }

    /** However few the epochs, rate and divergence have their full value in two thirds of them; as recipes are, nothing changes. */
    @Test
    void withEpochs_few_shortensTheWarmUp() {
        Recipe r = Recipes.of("lenet-fc");
        assertThat(r.withEpochs(1, 6, 1).klWarmupEpochs()).isEqualTo(2);
        Recipe cifar = Recipes.of("resnet20");
        assertThat(cifar.warmupEpochs()).isEqualTo(5);
        assertThat(cifar.withEpochs(6, 1, 1).warmupEpochs()).isEqualTo(2);
        assertThat(cifar.withEpochs(0, 1, 1).warmupEpochs()).isEqualTo(5);
        for (String name : List.of("lenet-fc", "lenet5", "vgg-like", "resnet20")) {
            Recipe own = Recipes.of(name);
            assertThat(own.withEpochs(own.pretrainEpochs(), own.pruneEpochs(), own.finetuneEpochs()))
                    .isEqualTo(own);
        }
    }

    @Test
    void builder_fromARecipe_sameRecipe() {
        Recipe recipe = Toy.settings().recipe();
        assertThat(recipe.toBuilder().build()).isEqualTo(recipe);
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {
                "crop",
                "flip2",
                "crop-1",
                "cutout0",
                "crop4,flip",
                "zoom",
                "crop4+",
                "contrast2",
                "brightness.",
                " flip"
            })
    void augmentation_unknown_saysWhatIsKnown(String text) {
        assertThatThrownBy(() -> Recipe.builder().augmentation(text).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe 'augmentation'")
                .hasMessageContaining("'" + text + "'");
        assertThatThrownBy(() -> Recipe.builder().pretrainAugmentation(text).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe 'pretrainAugmentation'")
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void augmentation_known_isAccepted() {
        assertThat(Augmentations.of("")).isEmpty();
        assertThat(Augmentations.of("crop4+flip+cutout8+brightness0.25+contrast0.8"))
                .isPresent();
    }

    @Test
    void weightDecay_growsLinearlyFromItsStart() {
        Recipe r = Recipe.builder().weightDecayStart(1.0).weightDecay(5).build();
        assertThat(r.pretrainWeightDecay(0, 9)).isEqualTo(1);
        assertThat(r.pretrainWeightDecay(4, 9)).isEqualTo(3);
        assertThat(r.pretrainWeightDecay(8, 9)).isEqualTo(5);
        assertThat(r.pretraining().pretrainWeightDecay(4, 9)).isEqualTo(3);
        Recipe constant = r.toBuilder().weightDecayStart(null).build();
        assertThat(constant.pretrainWeightDecay(0, 9)).isEqualTo(5);
    }

    @Test
    void pretrainAugmentation_isThatOfTheOtherPhasesUnlessGiven_andAllThatPretrainingTakes() {
        Recipe same = Recipe.builder().augmentation("flip").build();
        assertThat(same.pretrainAugmentation()).isEqualTo("flip");
        Recipe other = same.toBuilder().pretrainAugmentation("flip+cutout8").build();
        assertThat(other.augmentation()).isEqualTo("flip");
        assertThat(other.pretraining().pretrainAugmentation()).isEqualTo("flip+cutout8");
        assertThat(other.pretraining())
                .isEqualTo(other.toBuilder().augmentation("crop2").build().pretraining());
    }
}
