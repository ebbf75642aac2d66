package org.espalier.job;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.espalier.data.Splits;
import org.espalier.graph.Graph;
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
    /** Of a tenth of the examples. */
    private static final int MOST_HELD_OUT = 2000;

    private @Nullable RunData data;
    private UnaryOperator<Recipe> change = UnaryOperator.identity();
    private int threads = Runtime.getRuntime().availableProcessors();
    private String device = RunConfiguration.CPU;
    private Duration timing = Duration.ofSeconds(1);
    private Duration checkpointInterval = Duration.ofMinutes(10);
    private @Nullable String goOn;
    private Map<String, String> fixed = Map.of();
    private JobListener listener = new LoggingListener();

    RunRequest() {}

    abstract T self();

    /** Checks everything, opens the data, and says what will be done. */
    abstract RunPlan plan(Path folder);

    /**
     * Sets where the examples come from.
     *
     * @param source the examples
     * @return this request
     */
    public final T data(RunData source) {
        data = source;
        return self();
    }

    /**
     * Takes examples that are open already.
     *
     * @param name what {@code run.yaml} calls them
     * @param splits the examples
     * @return this request
     */
    public final T data(String name, Splits splits) {
        return data(RunData.of(name, splits));
    }

    /**
     * Takes a data set by its name: mnist, fashion-mnist, cifar10, digits, {@code folder:PATH} or {@code
     * arrays:PATH}.
     *
     * @param name the name
     * @return this request
     */
    public final T data(String name) {
        return data(RunData.named(name));
    }

    /**
     * Changes the recipe. Several changes are made in the order in which they are given here.
     *
     * @param further turns a recipe into the wanted one
     * @return this request
     */
    public final T recipe(UnaryOperator<Recipe> further) {
        UnaryOperator<Recipe> before = change;
        change = r -> further.apply(before.apply(r));
        return self();
    }

    /**
     * Sets the seed of all random numbers.
     *
     * @param seed the seed
     * @return this request
     */
    public final T seed(long seed) {
        return recipe(r -> r.withSeed(seed));
    }

    /**
     * Sets how long each phase takes.
     *
     * @param pretrain epochs of training before pruning
     * @param prune epochs with the pruning method
     * @param finetune epochs of training after it
     * @return this request
     */
    public final T epochs(int pretrain, int prune, int finetune) {
        return recipe(r -> r.withEpochs(pretrain, prune, finetune));
    }

    /**
     * Sets by which share the loss with noise may exceed the original network's loss. The larger it is, the more is
     * removed.
     *
     * @param share 0.1 for a tenth above; see {@link org.espalier.recipe.NoiseSettings#tolerance()}
     * @return this request
     */
    public final T tolerance(double share) {
        return recipe(r -> r.withNoise(n -> n.withTolerance(share)));
    }

    /**
     * Sets what the result may cost, such as {@code macs=0.5,size=2MB}; see {@link org.espalier.recipe.CostTarget}.
     *
     * @param targets joined by commas
     * @return this request
     */
    public final T target(String targets) {
        return recipe(r -> r.withBudget(b -> b.withTargets(targets)));
    }

    /**
     * Sets by how many points the error on examples held out may be above the original's.
     *
     * @param points in percent
     * @return this request
     */
    public final T maxError(double points) {
        return recipe(r -> r.withBudget(b -> b.withMaxError(points)));
    }

    /**
     * Gives inputs of one number, such as a sample rate, a value for good: the network that is pruned does not have them.
     *
     * @param values a number, or true or false, by each input's name
     * @return this request
     */
    public final T fix(Map<String, String> values) {
        fixed = Map.copyOf(values);
        return self();
    }

    /**
     * Sets the threads of libtorch; the default is one per processor.
     *
     * @param count how many
     * @return this request
     */
    public final T threads(int count) {
        threads = count;
        return self();
    }

    /**
     * Sets where to train: cpu, cuda or cuda:N; the default is cpu.
     *
     * @param name the device
     * @return this request
     */
    public final T device(String name) {
        device = name;
        return self();
    }

    /**
     * Sets how long each network is timed at each batch size; the default is a second.
     *
     * @param budget the time for one network at one batch size
     * @return this request
     */
    public final T timing(Duration budget) {
        timing = budget;
        return self();
    }

    /**
     * Sets the greatest time without a checkpoint; the default is ten minutes.
     *
     * @param interval the time
     * @return this request
     */
    public final T checkpointInterval(Duration interval) {
        checkpointInterval = interval;
        return self();
    }

    /**
     * Sets the words with which messages say how to go on with a run that was stopped.
     *
     * @param how completes "to go on: "
     * @return this request
     */
    public final T goOn(String how) {
        goOn = how;
        return self();
    }

    /**
     * Sets who hears how it goes. Without a listener, messages are logged as {@code org.espalier.job}.
     *
     * @param heard the listener
     * @return this request
     */
    public final T listener(JobListener heard) {
        listener = heard;
        return self();
    }

    /**
     * Runs the job: checks everything, trains, prunes, exports, checks the result, times both networks, and reports.
     * This takes minutes to hours.
     *
     * @param folder the run's folder, which is created; it must not hold a run
     * @return the report and the files
     * @throws InputException if the network, the data, the recipe or the folder are wrong, before training begins
     * @throws JobException if nothing can be pruned, or training or writing fails
     * @throws StoppedException if the listener or an interrupt of this thread asked for it; a checkpoint is in the
     *     folder
     */
    public final PruningResult into(Path folder) {
        listener.onPhase(JobPhase.PREPARE);
        RunPlan plan = plan(folder);
        RunConfiguration c = plan.configuration();
        try (Budget budget = new Budget(
                plan.network(), plan.data().test(), c.task(), c.recipe().budget())) {
            budget.requirePossible();
        }
        try (RunFolder run = RunFolder.create(folder)) {
            run.writeNetwork(plan.network().given(), run.start());
            // A large file is mapped into memory: from here on the user may change it without harm.
            SourceModel copy = SourceModel.of(c.network(), OnnxReader.read(run.start()));
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

    final Map<String, String> fixed() {
        return fixed;
    }

    /** The network of this request; how its file was read is told. */
    final SourceModel read(String name, Graph given) {
        SourceModel model = SourceModel.of(name, given, fixed);
        model.network().rewritten().forEach(line -> listener.onMessage(JobMessage.Code.REWRITTEN, line));
        return model;
    }

    final Recipe changed(Recipe defaults) {
        return change.apply(defaults);
    }

    /** With examples held out where the error on them is bounded and nothing was said of their number. */
    static Recipe withHeldOut(Recipe r, int examples) {
        return r.budget().maxError() != null && r.batches().holdOut() == 0
                ? r.withBatches(b -> b.withHoldOut(Math.max(1, Math.min(MOST_HELD_OUT, examples / 10))))
                : r;
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
