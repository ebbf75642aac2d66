package org.espalier.job;

import java.nio.file.Path;
import org.espalier.channels.ChannelGroups;
import org.espalier.data.Splits;
import org.espalier.method.MethodSetting;
import org.espalier.method.PruningMethods;
import org.espalier.recipe.PruningTask;
import org.espalier.recipe.Recipe;

/** A network to train, and to prune afterwards. */
public final class TrainRequest extends RunRequest<TrainRequest> {
    private final String network;
    private PruningMethods method = PruningMethods.SBPA;

    TrainRequest(String network) {
        this.network = network;
    }

    @Override
    TrainRequest self() {
        return this;
    }

    /**
     * Sets what prunes; the default is sbpa.
     *
     * @param choice the method
     * @return this request
     */
    public TrainRequest method(PruningMethods choice) {
        method = choice;
        return this;
    }

    @Override
    RunPlan plan(Path folder) {
        Recipe asked = method.relevant(changed(method.defaults(network)));
        RunData data = data();
        SourceModel model =
                read(network, ModelNames.load(network, asked.batches().seed()));
        model.requireTrainable();
        if (method.has(MethodSetting.PRUNING_PHASE)) {
            model.requirePrunable(ChannelGroups.of(model.prepared()));
            model.requireGroups(asked);
        }
        RunPlace.requireFor(folder, data().name());
        SourceModel.requireClasses(network, model.prepared(), null, data.name(), data.classes());
        Splits splits = data.open(model.prepared()).without(fixed().keySet());
        Recipe recipe = withHeldOut(asked, splits.train().size());
        model.requireFit(splits, recipe, PruningTask.DEFAULT);
        RunConfiguration c = new RunConfiguration(
                        network,
                        data.name(),
                        data.folder(),
                        data.images(model.prepared()),
                        method,
                        threads(),
                        device(),
                        PruningTask.DEFAULT,
                        recipe)
                .withFixed(fixed())
                .withLabels(data.labels(model.prepared()));
        return new RunPlan(c, model, splits);
    }
}
