package spark.jobserver

import scala.concurrent.duration.FiniteDuration

import org.apache.spark.rdd.RDD
import org.apache.spark.storage.StorageLevel

/** Marks jobs that share objects. It adds nothing: jobs of the old API have `namedObjects` anyway, and `runtime` too. */
trait NamedObjectSupport

/** Mix this into jobs of the old API that share only RDDs. */
trait NamedRddSupport extends NamedObjectSupport { self: SparkJobBase =>

  /** [[NamedObjects]] seen as RDDs. */
  trait _NamedRdds {

    /** See [[NamedObjects.defaultTimeout]]. */
    def defaultTimeout: FiniteDuration

    /** The level with which RDDs are cached if a job does not say otherwise. */
    val defaultStorageLevel: StorageLevel = StorageLevel.MEMORY_ONLY

    /** See [[NamedObjects.getOrElseCreate]] and, for the parameters, [[NamedRDD]]. */
    def getOrElseCreate[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean = true,
        storageLevel: StorageLevel = defaultStorageLevel
    )(implicit timeout: FiniteDuration = defaultTimeout): RDD[T]

    /** See [[NamedObjects.get]]. */
    def get[T](name: String)(implicit timeout: FiniteDuration = defaultTimeout): Option[RDD[T]]

    /** See [[NamedObjects.update]]. */
    def update[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean = true,
        storageLevel: StorageLevel = defaultStorageLevel
    )(implicit timeout: FiniteDuration = defaultTimeout): RDD[T]

    /** Forgets and unpersists the RDD of this name; nothing happens if there is none. */
    def destroy(name: String): Unit

    /** The names of all shared objects. */
    def getNames(): Iterable[String]
  }

  /** The RDDs that the jobs of this context share. It may be kept, also from before the job has its `namedObjects`. */
  def namedRdds: _NamedRdds = new _NamedRdds {
    // A job is asked for its objects each time: one instance may run many times.
    private def objects: NamedObjects = self.namedObjects
    private def persister[T]: NamedObjectPersister[NamedRDD[T]] = new RDDPersister[T]

    override def defaultTimeout: FiniteDuration = objects.defaultTimeout

    override def getOrElseCreate[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean,
        storageLevel: StorageLevel
    )(implicit timeout: FiniteDuration): RDD[T] =
      objects
        .getOrElseCreate(name, NamedRDD(rddGen, forceComputation, storageLevel))(timeout, persister[T])
        .rdd

    override def get[T](name: String)(implicit timeout: FiniteDuration): Option[RDD[T]] =
      objects.get[NamedRDD[T]](name)(timeout).map(_.rdd)

    override def update[T](
        name: String,
        rddGen: => RDD[T],
        forceComputation: Boolean,
        storageLevel: StorageLevel
    )(implicit timeout: FiniteDuration): RDD[T] =
      objects.update(name, NamedRDD(rddGen, forceComputation, storageLevel))(timeout, persister[T]).rdd

    override def destroy(name: String): Unit =
      objects.get[NamedRDD[Any]](name).foreach(objects.destroy(_, name)(persister[Any]))

    override def getNames(): Iterable[String] = objects.getNames()
  }
}
