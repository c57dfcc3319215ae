import { collection, link, type Route, resource } from '../resource.ts'
import { health } from './health.ts'
import { power, sensorIds, sensorResource, thermal } from './readings.ts'
import { flag, text } from './setters.ts'

const CHASSIS = '/Chassis/1'

export const CHASSIS_ROUTES: readonly Route[] = [
  { pattern: '/Chassis', get: () => collection('/Chassis', 'Chassis', 'Chassis Collection', ['1']) },
  {
    pattern: CHASSIS,
    get({ service }) {
      const { controller, labels } = service
      const { machine, identify } = controller
      return resource(CHASSIS, 'Chassis.v1_25_0', '1', `${machine.model} chassis`, {
        ChassisType: 'RackMount',
        Manufacturer: machine.manufacturer,
        Model: machine.model,
        SerialNumber: `${machine.serial}C`,
        PartNumber: 'CH-1U',
        AssetTag: labels.asset,
        PowerState: machine.power() === 'on' ? 'On' : 'Off',
        LocationIndicatorActive: identify.state !== 'off',
        PhysicalSecurity: {
          IntrusionSensor: machine.readings().chassisOpen ? 'HardwareIntrusion' : 'Normal',
          IntrusionSensorReArm: 'Automatic',
        },
        Status: { State: 'Enabled', Health: health(controller) },
        Sensors: link(`${CHASSIS}/Sensors`),
        Thermal: link(`${CHASSIS}/Thermal`),
        Power: link(`${CHASSIS}/Power`),
        Links: { ComputerSystems: [link('/Systems/1')], ManagedBy: [link('/Managers/1')] },
      })
    },
    patch: {
      privilege: () => 'ConfigureComponents',
      setters: ({ service }) => ({
        AssetTag: text(64, (value) => {
          service.labels.asset = value
        }),
        LocationIndicatorActive: flag((lit) => service.controller.identify.force(lit)),
      }),
    },
  },
  { pattern: `${CHASSIS}/Thermal`, get: ({ service }) => thermal(`${CHASSIS}/Thermal`, service.controller) },
  { pattern: `${CHASSIS}/Power`, get: ({ service }) => power(`${CHASSIS}/Power`, service.controller) },
  {
    pattern: `${CHASSIS}/Sensors`,
    get: ({ service }) =>
      collection(`${CHASSIS}/Sensors`, 'Sensor', 'Sensor Collection', sensorIds(service.controller)),
  },
  {
    pattern: `${CHASSIS}/Sensors/:sensor`,
    get: (x) => sensorResource(`${CHASSIS}/Sensors`, x.param('sensor'), x.service.controller),
  },
]
