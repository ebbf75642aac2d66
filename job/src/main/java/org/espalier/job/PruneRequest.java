package org.espalier.job;

import java.nio.file.Path;
import java.util.List;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.LabelKind;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.espalier.objective.ExampleOutputs;
import org.espalier.objective.InputMatch;
import org.espalier.recipe.LayerChoice;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;
import org.espalier.recipe.Recipes;
import org.jspecify.annotations.Nullable;

/** A trained network to prune. */
public final class PruneRequest extends RunRequest<PruneRequest> {
    /** Which layers to prune, of the network in the form that is worked on. */
    @FunctionalInterface
    public interface Layers {
        /**
         * Chooses the layers of a network.
         *
         * @param network the network in the form that is trained, with the names of that form
         * @return the choice
         */
        LayerChoice of(Graph network);
    }

    private final String name;
    private final Graph given;
    private PruningMethods method = PruningMethods.SBPA;
    private Layers layers = network -> LayerChoice.ALL;
    private boolean teacher = true;
    private @Nullable String output;
    private boolean classifier;
    private int batchSize;
    private List<String> keepOutputs = List.of();

    PruneRequest(String name, Graph given) {
        this.name = name;
        this.given = given;
    }

    @Override
    PruneRequest self() {
        return this;
    }

    /**
     * Sets what prunes: sbpa, which is the default, or sbp.
     *
     * @param choice the method
     * @return this request
     * @throws InputException if it is another method, which does not prune networks of any kind
     */
    public PruneRequest method(PruningMethods choice) {
        if (!choice.has(MethodSetting.RULE)) {
            throw new InputException(
                    "the method must prune a network of any kind, expected sbp or sbpa, found " + Format.lower(choice));
        }
        method = choice;
        return this;
    }

    /**
     * Sets which layers to prune; the default is all.
     *
     * @param choice which layers
     * @return this request
     */
    public PruneRequest layers(Layers choice) {
        layers = choice;
        return this;
    }

    /**
     * Sets whether the original network is the teacher, so that labels are optional; the default is yes.
     *
     * @param on true for a teacher
     * @return this request
     */
    public PruneRequest teacher(boolean on) {
        teacher = on;
        return this;
    }

    /**
     * Sets the output that labels belong to; the default, null, is the first of floats.
     *
     * @param outputName the output's name; null for the first that holds floats
     * @return this request
     */
    public PruneRequest output(@Nullable String outputName) {
        output = outputName;
        return this;
    }

    /**
     * Sets whether the output with labels has a score for each class. Data with labels say so themselves. The default
     * is no.
     *
     * @param on true for scores of classes
     * @return this request
     */
    public PruneRequest classifier(boolean on) {
        classifier = on;
        return this;
    }

    /**
     * Sets the examples per step; the default, 0, is by the amount of data and of memory.
     *
     * @param examples how many; 0 for as many as suit the amount of data and the memory
     * @return this request
     */
    public PruneRequest batchSize(int examples) {
        batchSize = examples;
        return this;
    }

    /**
     * Sets the outputs that the network keeps: the others leave it for good, with all that only they need.
     *
     * @param names of the outputs; none, the default, for all
     * @return this request
     */
    public PruneRequest keepOutputs(List<String> names) {
        keepOutputs = List.copyOf(names);
        return this;
    }

    @Override
    RunPlan plan(Path folder) {
        RunData data = data();
        SourceModel before = read(name, SourceModel.keeping(name, given, keepOutputs));
        if (before.hasFreeSizes()) {
            // What holds at the data's sizes is what counts.
            Splits splits = open(before, data, folder);
            return plan(before.at(splits.train()), data, folder, splits);
        }
        return plan(before, data, folder, null);
    }

    private Splits open(SourceModel network, RunData data, Path folder) {
        RunPlace.requireFor(folder, data.name());
        SourceModel.requireClasses(name, network.prepared(), output, data.name(), data.classes());
        return data.open(network.prepared()).without(fixed().keySet());
    }

    private RunPlan plan(SourceModel network, RunData data, Path folder, @Nullable Splits opened) {
        network.requireTrainable();
        LayerChoice choice = layers.of(network.prepared());
        Recipe asked = changed(Recipes.user(1, teacher, 1));
        if (!asked.pruning().frozenStatistics() && !choice.leavesNothingAlone()) {
            throw new InputException(
                    Setting.BATCH_STATISTICS,
                    "statistics of batches (frozenStatistics: false) would change layers that are to be left alone; choose one"
                            + " of them",
                    null);
        }
        ChannelGroups groups = choice.groups(network.prepared());
        network.requirePrunable(groups);
        network.requireGroups(asked);
        Splits splits = opened == null ? open(network, data, folder) : opened;
        requireSomethingToLearn(data, splits);
        Recipe recipe = recipe(network, splits);
        PruningTask task = new PruningTask(output, classifier, choice, keepOutputs);
        network.requireFit(splits, recipe, task);
        ExportCheck.requireRunnable(network, splits.test());
        SourceModel.notTrained(network.prepared(), choice)
                .forEach(line -> listener().onMessage(JobMessage.Code.FROZEN_LAYERS, line));
        SourceModel.reasons(groups).forEach(line -> listener().onMessage(JobMessage.Code.FROZEN_LAYERS, line));
        List<String> others = ExampleOutputs.without(InputMatch.sized(network.prepared(), splits.train()));
        if (!others.isEmpty()) {
            listener()
                    .onMessage(
                            JobMessage.Code.OUTPUTS_WITHOUT_EXAMPLES,
                            "not learned from and not measured, as there is no row for each example: output "
                                    + String.join(", ", others));
        }
        return new RunPlan(configuration(network, data, task, recipe), network, splits);
    }

    private RunConfiguration configuration(SourceModel network, RunData data, PruningTask task, Recipe recipe) {
        return new RunConfiguration(
                        name,
                        data.name(),
                        data.folder(),
                        data.images(network.prepared()),
                        method,
                        threads(),
                        device(),
                        task,
                        recipe)
                .withFixed(fixed())
                .withLabels(data.labels(network.prepared()));
    }

    private void requireSomethingToLearn(RunData data, Splits splits) {
        if (!teacher && splits.train().labelKind() == LabelKind.NONE) {
            throw new InputException(
                    Setting.TEACHER,
                    "data set '" + data.name()
                            + "' must have labels where no teacher is learned from, expected an array y,"
                            + " or one folder per class, found none",
                    null);
        }
    }

    private Recipe recipe(SourceModel network, Splits splits) {
        int fixed = Value.fixedBatch(network.prepared().inputs());
        int batch = fixed > 0 ? fixed : batchSize;
        int size = splits.train().size();
        Recipe defaults = Recipes.user(size, teacher, batch);
        int room = MemoryEstimate.training(
                network.prepared(), splits.train(), defaults.batches().size());
        if (batch == 0 && room < defaults.batches().size()) {
            listener()
                    .onMessage(
                            JobMessage.Code.SMALLER_BATCHES,
                            "batches of " + room + " instead of "
                                    + defaults.batches().size() + ", for which there may be too little memory");
            defaults = Recipes.user(size, teacher, room);
        }
        Recipe r = withHeldOut(changed(defaults), size);
        if (fixed > 0 && r.batches().size() != fixed) {
            throw new InputException(
                    Setting.BATCH_SIZE,
                    "the batch size must be what the network takes, expected " + fixed + ", found "
                            + r.batches().size(),
                    null);
        }
        return r;
    }
}
