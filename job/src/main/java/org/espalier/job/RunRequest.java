package org.espalier.job;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.espalier.data.Splits;
import org.espalier.onnx.OnnxReader;
import org.espalier.progress.StoppedException;
import org.espalier.recipe.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * What a run is to do. A request is used by one thread, and for one run.
 *
 * @param <T> the request's own type
 */
public abstract class RunRequest<T extends RunRequest<T>> {
    private @Nullable RunData data;
    private UnaryOperator<Recipe> change = UnaryOperator.identity();
    private int threads = Runtime.getRuntime().availableProcessors();
    private String device = RunConfiguration.CPU;
    private Duration timing = Duration.ofSeconds(1);
    private Duration checkpointInterval = Duration.ofMinutes(10);
    private @Nullable String goOn;
    private JobListener listener = new LoggingListener();

    RunRequest() {}

    abstract T self();

    /** Checks everything, opens the data, and says what will be done. */
    abstract RunPlan plan(Path folder);

    /** Sets where the examples come from. */
    public final T data(RunData source) {
        data = source;
        return self();
    }

    /** Takes examples that are open already. */
    public final T data(String name, Splits splits) {
        return data(RunData.of(name, splits));
    }

    /** Takes a data set by its name: mnist, fashion-mnist, cifar10, digits, {@code folder:PATH} or {@code arrays:PATH}. */
    public final T data(String name) {
        return data(RunData.named(name));
    }

    /** Changes the default recipe, after what was changed before. */
    public final T recipe(UnaryOperator<Recipe> further) {
        UnaryOperator<Recipe> before = change;
        change = r -> further.apply(before.apply(r));
        return self();
    }

    /** Sets the seed of all random numbers. */
    public final T seed(long seed) {
        return recipe(r -> r.withSeed(seed));
    }

    /** Sets the epochs of training before, with the pruning method, and after. */
    public final T epochs(int pretrain, int prune, int finetune) {
        return recipe(r -> r.withEpochs(pretrain, prune, finetune));
    }

    /** Sets the share by which the loss with noise may be above the original's; see {@link org.espalier.recipe.NoiseSettings#tolerance()}. */
    public final T tolerance(double share) {
        return recipe(r -> r.withNoise(n -> n.withTolerance(share)));
    }

    /** Sets the threads of libtorch; the default is one per processor. */
    public final T threads(int count) {
        threads = count;
        return self();
    }

    /** Sets where to train: cpu, cuda or cuda:N; the default is cpu. */
    public final T device(String name) {
        device = name;
        return self();
    }

    /** Sets how long each network is timed at each batch size; the default is a second. */
    public final T timing(Duration budget) {
        timing = budget;
        return self();
    }

    /** Sets the greatest time without a checkpoint; the default is ten minutes. */
    public final T checkpointInterval(Duration interval) {
        checkpointInterval = interval;
        return self();
    }

    /** Sets what messages say that one does to go on with a run which was stopped. */
    public final T goOn(String how) {
        goOn = how;
        return self();
    }

    /** Sets who hears how it goes. Without a listener, messages are logged as {@code org.espalier.job}. */
    public final T listener(JobListener heard) {
        listener = heard;
        return self();
    }

    /**
     * Does it: checks everything, trains, prunes, exports, checks the result, times both networks, and reports. Takes long.
     *
     * @param folder of the run, which is made; it must not hold a run
     * @throws InputException if the network, the data, the recipe or the folder are wrong, before training begins
     * @throws JobException if nothing can be pruned, or training or writing fails
     * @throws StoppedException if the listener or an interrupt of this thread asked for it; a checkpoint is in the folder
     */
    public final PruningResult into(Path folder) {
        listener.onPhase(JobPhase.PREPARE);
        RunPlan plan = plan(folder);
        RunConfiguration c = plan.configuration();
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeNetwork(plan.network().given(), run.start());
            // A large file is mapped into memory: from here on the user may change it without harm.
            SourceModel copy = plan.network().reread(OnnxReader.read(run.start()));
            String how = goOn == null ? "the run in " + folder : goOn;
            PruningReport report = new PruningJob(c, run, listener)
                    .timing(timing)
                    .checkpoints(new PruningJob.Checkpointing(checkpointInterval, false, how))
                    .run(copy, plan.data());
            return new PruningResult(report, run.path(), run.original(), run.pruned());
        }
    }

    final RunData data() {
        if (data == null) {
            throw new InputException("the data must be given");
        }
        return data;
    }

    final Recipe changed(Recipe defaults) {
        return change.apply(defaults);
    }

    final int threads() {
        return threads;
    }

    final String device() {
        return device;
    }

    final JobListener listener() {
        return listener;
    }
}
