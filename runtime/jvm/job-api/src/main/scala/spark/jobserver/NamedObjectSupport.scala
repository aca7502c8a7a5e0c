package spark.jobserver

import scala.concurrent.duration.FiniteDuration

import org.apache.spark.rdd.RDD
import org.apache.spark.storage.StorageLevel

/** Mix this into jobs of the old API that share objects. */
trait NamedObjectSupport {

  /** The objects that the jobs of this context share. */
  def namedObjects: NamedObjects
}

/** Mix this into jobs of the old API that share only RDDs. */
trait NamedRddSupport extends NamedObjectSupport {

  /** The RDDs that the jobs of this context share. */
  def namedRdds: NamedRdds = new NamedRdds(namedObjects)
}

/** [[NamedObjects]] seen as RDDs. */
class NamedRdds private[jobserver] (objects: NamedObjects) {

  /** The level with which RDDs are cached if a job does not say otherwise. */
  val defaultStorageLevel: StorageLevel = StorageLevel.MEMORY_ONLY

  private def persister[T]: NamedObjectPersister[NamedRDD[T]] = new RDDPersister[T]

  /** See [[NamedObjects.getOrElseCreate]] and, for the parameters, [[NamedRDD]]. */
  def getOrElseCreate[T](
      name: String,
      rddGen: => RDD[T],
      forceComputation: Boolean = true,
      storageLevel: StorageLevel = defaultStorageLevel
  )(implicit timeout: FiniteDuration = objects.defaultTimeout): RDD[T] =
    objects
      .getOrElseCreate(name, NamedRDD(rddGen, forceComputation, storageLevel))(timeout, persister[T])
      .rdd

  /** See [[NamedObjects.get]]. */
  def get[T](name: String)(implicit timeout: FiniteDuration = objects.defaultTimeout): Option[RDD[T]] =
    objects.get[NamedRDD[T]](name)(timeout).map(_.rdd)

  /** See [[NamedObjects.update]]. */
  def update[T](
      name: String,
      rddGen: => RDD[T],
      forceComputation: Boolean = true,
      storageLevel: StorageLevel = defaultStorageLevel
  )(implicit timeout: FiniteDuration = objects.defaultTimeout): RDD[T] =
    objects.update(name, NamedRDD(rddGen, forceComputation, storageLevel))(timeout, persister[T]).rdd

  /** Forgets and unpersists the RDD of this name; nothing happens if there is none. */
  def destroy(name: String)(implicit timeout: FiniteDuration = objects.defaultTimeout): Unit =
    objects.get[NamedRDD[Any]](name)(timeout).foreach(objects.destroy(_, name)(persister[Any]))

  /** The names of all shared objects. */
  def getNames(): Iterable[String] = objects.getNames()
}
