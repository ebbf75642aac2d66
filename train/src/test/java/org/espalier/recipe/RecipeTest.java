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
                wrong("pretraining.epochs", s -> s.pretrainEpochs = -1),
                wrong("pruning.epochs", s -> s.pruneEpochs = -1),
                wrong("finetuning.epochs", s -> s.finetuneEpochs = -1),
                wrong("batches.size", s -> s.batchSize = 0),
                wrong("pretraining.learningRate", s -> s.pretrainLearningRate = -1),
                wrong("pretraining.weightDecay", s -> s.weightDecay = -1),
                wrong("pretraining.weightDecayStart", s -> s.weightDecayStart = -1.0),
                wrong("pruning.learningRate", s -> s.learningRate = 0),
                wrong("pruning.learningRate", s -> s.learningRate = Double.NaN),
                wrong("pruning.learningRate", s -> s.learningRate = Double.POSITIVE_INFINITY),
                wrong("noise.learningRate", s -> s.noiseLearningRate = -1),
                wrong("pruning.momentum", s -> s.beta1 = 1),
                wrong("noise.weights.exponent", s -> s.exponent = Double.NaN),
                wrong("noise.epochsUntilFull", s -> s.klWarmupEpochs = Double.NaN),
                wrong("pretraining.dropout.fc1", s -> s.pretrainDropout = Map.of("fc1", 1.0)),
                wrong("pruning.dropout.fc1", s -> s.pruneDropout = Map.of("fc1", Double.NaN)),
                wrong("pretraining.labelSmoothing", s -> s.labelSmoothing = 1),
                wrong("distillation.share", s -> s.distillation = 1.5),
                wrong("distillation.temperature", s -> s.temperature = 0),
                wrong("rule.threshold", s -> s.threshold = -1),
                wrong("rule.threshold", s -> s.threshold = Double.POSITIVE_INFINITY),
                wrong("rule.patienceEpochs", s -> s.patienceEpochs = -1),
                wrong("batches.holdOut", s -> s.holdOut = -1));
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
        Recipe a = Recipe.DEFAULT
                .withPretraining(p -> p.withDropout(oneWay))
                .withNoise(n -> n.withWeights(w -> w.withGroups(oneWay)));
        Recipe b = Recipe.DEFAULT
                .withPretraining(p -> p.withDropout(otherWay))
                .withNoise(n -> n.withWeights(w -> w.withGroups(otherWay)));
        assertThat(a).hasToString(b.toString()).isEqualTo(b);
        // Among patterns the first counts, so their order stays.
        assertThat(a.noise().weights().groups().keySet()).containsExactly("fc1", "fc1.in", "fc*", "*");
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
        assertThat(file.finetuning().averaging()).isZero();
        assertThat(file.noise().draws()).isEqualTo(1);
        assertThat(Recipes.of("lenet5").finetuning().averaging()).isPositive();
    }

    /** However few the epochs, rate and divergence have their full value in two thirds of them; as recipes are, nothing changes. */
    @Test
    void withEpochs_few_shortensTheWarmUp() {
        Recipe r = Recipes.of("lenet-fc");
        assertThat(r.withEpochs(1, 6, 1).noise().epochsUntilFull()).isEqualTo(2);
        Recipe cifar = Recipes.of("resnet20");
        assertThat(cifar.pretraining().warmupEpochs()).isEqualTo(5);
        assertThat(cifar.withEpochs(6, 1, 1).pretraining().warmupEpochs()).isEqualTo(2);
        assertThat(cifar.withEpochs(0, 1, 1).pretraining().warmupEpochs()).isEqualTo(5);
        for (String name : List.of("lenet-fc", "lenet5", "vgg-like", "resnet20")) {
            Recipe own = Recipes.of(name);
            assertThat(own.withEpochs(
                            own.pretraining().epochs(),
                            own.pruning().epochs(),
                            own.finetuning().epochs()))
                    .isEqualTo(own);
        }
    }

    /** Each setting is documented, can be changed by its own method, and is checked where it is a number. */
    @Test
    void settings_all_haveMeaningAndRange() {
        List<RecipeSettings.Row> rows = RecipeSettings.rows();
        assertThat(rows).hasSizeGreaterThan(60).allSatisfy(row -> {
            assertThat(row.meaning()).as(row.path()).isNotBlank();
            assertThat(row.expected()).as(row.path()).isNotBlank();
        });
        assertThat(rows).extracting(RecipeSettings.Row::path).doesNotHaveDuplicates();
        assertThat(rows)
                .contains(new RecipeSettings.Row(
                        "pruning.epochs", "a whole number, 0 or more", "Epochs of this phase; 0 leaves it away", 40));
    }

    @Test
    void with_eachSetting_changesThatAlone() throws ReflectiveOperationException {
        for (Record part : List.of(
                PhaseSettings.PRUNING,
                NoiseSettings.DEFAULT,
                LassoSettings.DEFAULT,
                DivergenceWeights.ONE,
                RuleSettings.DEFAULT,
                DistillationSettings.NONE,
                BatchSettings.DEFAULT)) {
            for (var c : part.getClass().getRecordComponents()) {
                String name = c.getName();
                String with = "with" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
                Object value = changed(c.getType());
                Object other = part.getClass().getMethod(with, c.getType()).invoke(part, value);
                for (var each : part.getClass().getRecordComponents()) {
                    Object expected = each.getName().equals(name)
                            ? value
                            : each.getAccessor().invoke(part);
                    assertThat(each.getAccessor().invoke(other))
                            .as(with + " " + each.getName())
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static Object changed(Class<?> type) {
        return type == int.class
                ? (Object) 17
                : type == long.class
                        ? (Object) 17L
                        : type == boolean.class
                                ? (Object) true
                                : type == double.class || type == Double.class
                                        ? (Object) 0.375
                                        : type == String.class
                                                ? "other"
                                                : type == Map.class
                                                        ? Map.of("a", 0.5)
                                                        : type == DivergenceWeights.class
                                                                ? DivergenceWeights.byGroup(Map.of("a", 2.0))
                                                                : type.getEnumConstants()[1];
    }

    @Test
    void averaging_whileUnitsLeave_isRefused() {
        assertThatThrownBy(() -> Recipe.DEFAULT.withPruning(p -> p.withAveraging(0.5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe 'pruning.averaging'");
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
        assertThatThrownBy(() -> Recipe.DEFAULT
                        .withPretraining(p -> p.withAugmentation(text))
                        .withPruning(p -> p.withAugmentation(text))
                        .withFinetuning(p -> p.withAugmentation(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe 'pretraining.augmentation'")
                .hasMessageContaining("'" + text + "'");
        assertThatThrownBy(() -> Recipe.DEFAULT.withFinetuning(p -> p.withAugmentation(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("recipe 'finetuning.augmentation'")
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
        Recipe r = Recipe.DEFAULT
                .withPretraining(p -> p.withWeightDecayStart(1.0).withWeightDecay(5))
                .withFinetuning(p -> p.withWeightDecay(5));
        assertThat(r.pretraining().weightDecayAt(0, 9)).isEqualTo(1);
        assertThat(r.pretraining().weightDecayAt(4, 9)).isEqualTo(3);
        assertThat(r.pretraining().weightDecayAt(8, 9)).isEqualTo(5);
        assertThat(r.onlyPretraining().pretraining().weightDecayAt(4, 9)).isEqualTo(3);
        Recipe constant = r.withPretraining(p -> p.withWeightDecayStart(null));
        assertThat(constant.pretraining().weightDecayAt(0, 9)).isEqualTo(5);
    }

    @Test
    void onlyPretraining_isTheSameWhateverComesAfter() {
        Recipe r = Recipe.DEFAULT.withPretraining(p -> p.withAugmentation("flip+cutout8"));
        assertThat(r.onlyPretraining())
                .isEqualTo(r.withPruning(p -> p.withAugmentation("crop2"))
                        .withFinetuning(p -> p.withAugmentation("crop2"))
                        .onlyPretraining())
                .isNotEqualTo(Recipe.DEFAULT.onlyPretraining());
    }
}
