package org.espalier.torch;

import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;
import org.espalier.platform.NativeEnvironment;
import org.espalier.platform.NativeLibraries;
import org.espalier.platform.ThreadLimit;
import org.jspecify.annotations.Nullable;

/**
 * The one-time set-up of libtorch. Everything in this package starts it on first use with one thread per core; call
 * {@link #start} before to choose. No native library is loaded earlier.
 *
 * <p>What is set so that a default is fast without any environment variable: idle OpenMP workers soon sleep instead
 * of spinning on (see {@link NativeEnvironment}), OpenBLAS keeps to one thread so that its workers do not fight with
 * OpenMP's, and products in training go to oneDNN (see {@link #exact}).
 */
public final class Engine {
    /**
     * How often an idle OpenMP worker looks for work before it sleeps, about half a millisecond: longer than the gap
     * between two small operations. Waking a worker takes longer than such an operation: with a fifth of it a step of
     * the LeNets takes 15 to 25 % longer. Where other processes keep all cores busy less is better.
     */
    private static final String SPIN_COUNT = "10000";

    private static final ReentrantLock LEASE = new ReentrantLock(true);

    private static boolean started;
    private static boolean exact;
    private static @Nullable Device device;

    private Engine() {}

    /** Starts libtorch with one thread per core, if it is not started. */
    public static void start() {
        start(0);
    }

    /**
     * Starts libtorch, or changes its number of threads where it is started.
     *
     * @param threads threads of one operation, at most four times the processors; 0 keeps the number that is set, at first one per core
     * @throws IllegalArgumentException if they are more
     * @throws org.espalier.platform.PlatformException if a variable of the environment asks for more
     */
    public static synchronized void start(int threads) {
        if (threads != 0) {
            ThreadLimit.require("threads", threads);
        }
        if (!started) {
            ThreadLimit.requireEnvironment();
            NativeEnvironment.setIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
            NativeEnvironment.setIfAbsent("GOMP_SPINCOUNT", SPIN_COUNT);
            // libtorch asks for huge pages then: memory-bound operations of large networks lose less to page tables.
            NativeEnvironment.setIfAbsent("THP_MEM_ALLOC_ENABLE", "1");
            NativeLibraries.load(openblas_nolapack.class, openblas.class, torch.class);
            openblas_nolapack.blas_set_num_threads(1);
            torch.globalContext().setAllowTF32CuDNN(false);
            setExact(true);
            started = true;
        }
        if (threads > 0) {
            torch.set_num_threads(threads);
        }
    }

    /**
     * Threads of one operation.
     *
     * @return 1 or more
     */
    public static int threads() {
        start();
        return torch.get_num_threads();
    }

    /**
     * Makes every random number that libtorch draws from here on follow from {@code seed}, of which the generator for
     * the CPU would look at the lower half only.
     *
     * @param seed of all random numbers
     */
    public static void seed(long seed) {
        start();
        torch.manual_seed(Integer.toUnsignedLong(new SplittableRandom(seed).nextInt()));
    }

    /**
     * Makes the engine this thread's alone until the lease is closed; waits for other threads' leases. A forward pass
     * takes one for itself. Whoever trains holds one from the seed of a step to the end of its backward pass: a pass
     * on another thread cannot change the precision in which gradients are computed, nor take random numbers.
     *
     * @return the lease, which the same thread must close
     */
    public static EngineLease lease() {
        LEASE.lock();
        return new EngineLease(LEASE::unlock);
    }

    /**
     * Whether float32 products of matrices are computed in float32 (true) or with bfloat16 factors and float32 sums
     * (false). Holds until the lease's end or another call; a forward pass sets it from its {@link PassMode}, and the
     * backward pass that follows goes by that.
     *
     * @param on true for float32
     * @throws IllegalStateException if this thread does not hold the engine's {@link #lease}
     */
    public static synchronized void exact(boolean on) {
        if (!LEASE.isHeldByCurrentThread()) {
            throw new IllegalStateException("engine: precision belongs to the thread that holds the lease,"
                    + " expected Engine.lease() before, found none");
        }
        start();
        if (exact != on) {
            setExact(on);
        }
    }

    private static void setExact(boolean on) {
        exact = on;
        torch.globalContext().setFloat32MatmulPrecision(on ? "highest" : "medium");
    }

    /**
     * The device of that name: {@code cpu}, {@code cuda} or {@code cuda:1}.
     *
     * @param name such as {@code cuda:0}
     * @return the device
     * @throws IllegalArgumentException if there is no such device, or this build of libtorch cannot use it
     */
    public static Device device(String name) {
        start();
        if (name.equals("cpu")) {
            return kept(new Device(torch.DeviceType.CPU));
        }
        if (!name.matches("cuda(:[0-9]{1,2})?")) {
            throw new IllegalArgumentException(
                    "device '" + name + "': unknown, expected cpu, cuda or cuda:NUMBER such as cuda:0");
        }
        if (!torch.cuda_is_available()) {
            throw new IllegalArgumentException(
                    "device '" + name + "': no CUDA device can be used, expected a GPU with a"
                            + " driver and a build with -Pcuda, found libtorch "
                            + (torch.hasCUDA() ? "with CUDA but no usable device" : "without CUDA"));
        }
        int index = name.equals("cuda") ? 0 : Integer.parseInt(name.substring(5));
        int count = torch.cuda_device_count();
        if (index >= count) {
            throw new IllegalArgumentException("device '" + name
                    + "': there is no such device, expected a number below " + count + ", found " + index);
        }
        return kept(new Device(torch.DeviceType.CUDA, (byte) index));
    }

    /**
     * Where networks live from now on; those that exist stay where they are.
     *
     * @param chosen a device from {@link #device(String)}
     */
    public static synchronized void use(Device chosen) {
        device = chosen;
    }

    /**
     * The device that was last chosen by {@link #use}, or the CPU.
     *
     * @return the device
     */
    public static synchronized Device device() {
        if (device == null) {
            device = device("cpu");
        }
        return device;
    }

    /**
     * The name of {@link #device()}.
     *
     * @return {@code cpu}, or such as {@code cuda:0}
     */
    public static synchronized String deviceName() {
        Device chosen = device();
        return chosen.is_cpu() ? "cpu" : "cuda:" + Math.max(0, chosen.index());
    }

    /** Protects a device from the scope that is open. */
    private static Device kept(Device device) {
        NativeHandles.keep(device);
        return device;
    }
}
